import ConnectRuntime
import Testing

@Suite struct PartitionStartTests {
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
            .init(sink: sink, group: group, reset: reset, earliest: earliest, latest: latest)
        )
        #expect(start.wanted == wanted)
        #expect(start.offset == offset)
    }

    @Test(
        arguments: [(11, nil, "the sink has filed"), (nil, 11, "the consumer group is"), (nil, nil, "nobody knows")]
            as [(Int64?, Int64?, String)]
    )
    func whatCannotBeIsExplained(sink: Int64?, group: Int64?, words: String) throws {
        let problem = try #require(throws: PartitionStart.Problem.self) {
            try PartitionStart(.init(sink: sink, group: group, reset: .none, earliest: 0, latest: 10))
        }
        #expect(problem.message.contains(words))
    }
}
