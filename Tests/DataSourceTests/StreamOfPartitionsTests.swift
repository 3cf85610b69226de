import Community
import GroundTruth
import Testing

@testable import DataSource
@testable import KafkaClient

/// The same seed gives every partition the same records in the same order, however they are batched and however many
/// producers share them.
@Suite struct StreamOfPartitionsTests {
    struct Sent: Equatable {
        let key: [UInt8]
        let value: [UInt8]?
    }

    /// By topic and partition: what would be sent.
    private func streams(partitions: [Int], parallelism: Int, rounds: [Int]) -> [String: [Sent]] {
        let layout = PartitionLayout(partitionCounts: partitions, parallelism: parallelism)
        var maker = RoundMaker(CommunityConfiguration(seed: 99, initialSize: 500), layout: layout)
        var round = maker.makeRound()
        var streams: [String: [Sent]] = [:]
        var lanes: [String: Int] = [:]
        for count in rounds {
            maker.fill(&round, count: count)
            for lane in 0..<layout.laneCount {
                for parcel in round.parcels(of: lane) {
                    #expect(parcel.traces.count == parcel.batch.count)
                    for (record, entry) in parcel.batch.entries.enumerated() {
                        let name = "\(parcel.topic.name)-\(entry.partition)"
                        #expect(lanes[name, default: lane] == lane, "a partition has one producer")
                        lanes[name] = lane
                        let sent = parcel.batch.record(record)
                        #expect(parcel.traces[record].effect.isTombstone == (sent.value == nil))
                        streams[name, default: []].append(sent)
                    }
                }
            }
        }
        return streams
    }

    @Test(arguments: [1, 2, 3, 6, 64])
    func parallelismDoesNotChangeAPartition(_ parallelism: Int) {
        let one = streams(partitions: [2, 2, 2], parallelism: 1, rounds: [20_000])
        let other = streams(partitions: [2, 2, 2], parallelism: parallelism, rounds: [20_000])
        #expect(one.count == 6)
        #expect(one == other)
    }

    @Test(arguments: [[1] + [19_999], [7_000, 13_000], Array(repeating: 100, count: 200)])
    func batchingDoesNotChangeAPartition(_ rounds: [Int]) {
        let one = streams(partitions: [2, 3, 1], parallelism: 1, rounds: [20_000])
        let other = streams(partitions: [2, 3, 1], parallelism: 2, rounds: rounds)
        #expect(one == other)
    }

    @Test func aRunThatGoesOnMakesTheRestOfTheSequence() {
        let layout = PartitionLayout(partitionCounts: [1, 1, 1], parallelism: 1)
        let community = CommunityConfiguration(seed: 99, initialSize: 500)
        var whole = RoundMaker(community, layout: layout)
        var rest = RoundMaker(community, after: SentRecords(producedCount: 4_000), layout: layout)
        var (skipped, expected, found) = (whole.makeRound(), whole.makeRound(), rest.makeRound())
        whole.fill(&skipped, count: 4_000)
        whole.fill(&expected, count: 1_000)
        rest.fill(&found, count: 1_000)
        for (expected, found) in zip(expected.parcels(of: 0), found.parcels(of: 0)) {
            #expect(expected.batch.count == found.batch.count)
            for record in 0..<expected.batch.count {
                #expect(expected.batch.record(record).value == found.batch.record(record).value)
            }
        }
    }

    @Test func everyRecordOfAKeyIsInOnePartition() {
        let streams = streams(partitions: [4, 4, 4], parallelism: 2, rounds: [20_000])
        for topic in CommunityTopic.allCases {
            var places: [[UInt8]: String] = [:]
            for (name, records) in streams where name.hasPrefix(topic.name) {
                for record in records {
                    #expect(places[record.key, default: name] == name)
                    places[record.key] = name
                }
            }
        }
    }

    @Test func tombstonesHaveTheKeyOfTheOriginal() {
        let streams = streams(partitions: [1, 1, 1], parallelism: 1, rounds: [20_000])
        let tombstones = streams.values.joined().filter { $0.value == nil }
        #expect(!tombstones.isEmpty)
        #expect(tombstones.allSatisfy { $0.key == Array("NULL RECORD".utf8) })
    }

    @Test func moreProducersThanPartitionsAreNotMade() {
        #expect(PartitionLayout(partitionCounts: [1, 2, 1], parallelism: 10).laneCount == 4)
    }
}

extension OutgoingBatch {
    /// The key and the value of a record.
    fileprivate func record(_ number: Int) -> StreamOfPartitionsTests.Sent {
        let entry = entries[number]
        let valueStart = Int(entry.start) + Int(entry.keyLength)
        return StreamOfPartitionsTests.Sent(
            key: Array(bytes[Int(entry.start)..<valueStart]),
            value: entry.valueLength < 0 ? nil : Array(bytes[valueStart..<valueStart + Int(entry.valueLength)])
        )
    }
}
