import CommitLog
import KafkaProtocol
import NIOCore
import Testing

@testable import Ingestor

@Suite struct FetchReadingTests {
    @Test func answerHoldsNoMoreThanItsShareOfRecordsItself() throws {
        try withBroker { broker in
            let log = try #require(broker.topics.log("events", 0))
            let value = String(repeating: "x", count: 10_000)
            _ = try log.append(batch: Batches.batch([value]), now: 0)
            var request = Batches.fetch(from: 0)
            let wanted = request.topics[0].partitions[0]
            request.topics[0].partitions = Array(repeating: wanted, count: 100)
            let result = FetchReading(request, version: 11, topics: broker.topics, byteCountMax: .max).read()
            #expect(result.byteCount > 100 * 10_000)
            #expect(result.copiedByteCount <= FetchReading.copiedBytesPerAnswerMax)
            #expect(result.copiedByteCount + result.slices.reduce(0) { $0 + $1.length } == result.byteCount)
        }
    }

    @Test func readingThatWaitsKeepsOnlyWhatItReads() throws {
        try withBroker { broker in
            let long = String(repeating: "x", count: 32_000)
            var request = Batches.fetch(from: 0)
            request.rackID = long
            request.forgottenTopics = [.init(name: long, partitions: [0])]
            request.topics += [.init(name: long)] + request.topics
            request.topics[0].partitions += request.topics[0].partitions
            let compacted = FetchReading(request, version: 11, topics: broker.topics, byteCountMax: .max).compacted
            #expect(compacted.request.rackID.isEmpty)
            #expect(compacted.request.forgottenTopics.isEmpty)
            #expect(compacted.request.topics.map(\.name) == ["events"])
            #expect(compacted.request.topics[0].partitions.map(\.partition) == [0])
            #expect(compacted.existingLogs.count == 1)
        }
    }
}
