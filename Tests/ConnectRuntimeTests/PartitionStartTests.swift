import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import Testing

@Suite struct PartitionStartTests {
    private static let partition = TopicPartition(topic: "premi", partition: 3)

    @Test(
        arguments: [
            // sink, group, reset, earliest, latest → wanted, offset
            (5, 7, OffsetReset.latest, 0, 10, 5, 5),
            (nil, 7, .latest, 0, 10, 7, 7),
            (nil, nil, .earliest, 3, 10, 3, 3),
            (nil, nil, .latest, 3, 10, 10, 10),
            (5, nil, .earliest, 8, 10, 5, 8),
            (nil, 2, .none, 8, 10, 2, 8),
            (10, nil, .none, 10, 10, 10, 10),
        ] as [(Int64?, Int64?, OffsetReset, Int64, Int64, Int64, Int64)]
    )
    func sinkThenGroupThenResetDecide(
        sink: Int64?,
        group: Int64?,
        reset: OffsetReset,
        earliest: Int64,
        latest: Int64,
        wanted: Int64,
        offset: Int64
    ) throws {
        let start = try PartitionStart(
            .init(
                Self.partition,
                sink: sink.map { SinkStart(next: $0) },
                group: group,
                reset: reset,
                earliest: earliest,
                latest: latest
            )
        )
        #expect(start.wanted == wanted)
        #expect(start.offset == offset)
    }

    @Test(
        arguments: [
            (11, nil, "hera repair accept premi-3"), (nil, 11, "the consumer group is"),
            (nil, nil, "auto.offset.reset is none"),
        ]
            as [(Int64?, Int64?, String)]
    )
    func whatCannotBeIsExplained(sink: Int64?, group: Int64?, words: String) throws {
        let problem = try #require(throws: PartitionStart.Problem.self) {
            try PartitionStart(
                .init(
                    Self.partition,
                    sink: sink.map { SinkStart(next: $0) },
                    group: group,
                    reset: .none,
                    earliest: 0,
                    latest: 10
                )
            )
        }
        #expect(problem.message.contains(words))
    }

    @Test(arguments: [(0, 4), (4, 4), (5, nil)] as [(Int64, Int64?)])
    func recordThatTheSinkKnowsIsReadFirstWhereItStillIs(earliest: Int64, readFrom: Int64?) throws {
        let print = RecordFingerprint(offset: 4, timestamp: 1, checksum: "00000000")
        let start = try PartitionStart(
            .init(
                Self.partition,
                sink: SinkStart(next: 7, fingerprint: print),
                group: nil,
                reset: .none,
                earliest: earliest,
                latest: 10
            )
        )
        #expect(start.expected == readFrom.map { _ in print })
        #expect(start.readFrom == readFrom ?? 7)
        #expect(start.offset == 7)
    }

    @Test(
        arguments: [("a", "a", false), ("a", "b", true), (nil, "b", false), ("a", nil, false)]
            as [(String?, String?, Bool)]
    )
    func topicsWithTwoIDsAreTwoTopics(known: String?, found: String?, isMismatch: Bool) throws {
        let question = PartitionStart.Question(
            Self.partition,
            sink: SinkStart(next: 7, topicID: known),
            group: nil,
            reset: .none,
            earliest: 0,
            latest: 10,
            topicID: found
        )
        guard isMismatch else {
            #expect(try PartitionStart(question).offset == 7)
            return
        }
        let problem = #expect(throws: PartitionStart.Problem.self) { try PartitionStart(question) }
        for words in ["id a", "id b", "hera repair accept premi-3"] {
            #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
        }
    }
}
