import CommitLog
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ProducerStateTests {
    private func batch(_ sequence: Int32, count: Int = 2, epoch: Int16 = 0, producer: Int64 = 7) -> TestBatch {
        TestBatch(
            timestamps: Array(repeating: 1, count: count),
            producerID: producer,
            producerEpoch: epoch,
            baseSequence: sequence
        )
    }

    private func code(_ body: () throws(LogError) -> AppendOutcome) -> LogError.Code? {
        do throws(LogError) {
            _ = try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func duplicateSequenceIsAcknowledgedOnce() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in Int32(0)..<8 { try log.append(batch(index * 2)) }
            for index in Int32(3)..<8 {
                let outcome = try log.append(batch(index * 2))
                #expect(outcome == .duplicate(baseOffset: Int64(index) * 2, lastOffset: Int64(index) * 2 + 1))
            }
            #expect(
                code { () throws(LogError) in try log.append(batch(4)) } == .outOfOrderSequence,
                "older than five batches"
            )
            #expect(log.endOffset == 16)
        }
    }

    @Test func aGapIsRefusedAndLeavesTheStateAsItWas() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(batch(0))
            #expect(code { () throws(LogError) in try log.append(batch(3)) } == .outOfOrderSequence)
            #expect(code { () throws(LogError) in try log.append(batch(1)) } == .outOfOrderSequence)
            #expect(try log.append(batch(2)).baseOffset == 2)
        }
    }

    @Test func aNewEpochBeginsAtZeroAndEndsTheOldOne() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(batch(0, epoch: 1))
            #expect(code { () throws(LogError) in try log.append(batch(2, epoch: 2)) } == .outOfOrderSequence)
            #expect(try log.append(batch(0, epoch: 2)).baseOffset == 2)
            #expect(code { () throws(LogError) in try log.append(batch(2, epoch: 1)) } == .invalidProducerEpoch)
        }
    }

    @Test func producersDoNotDisturbOneAnother() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for producer in Int64(0)..<20 { try log.append(batch(0, producer: producer)) }
            for producer in Int64(0)..<20 {
                #expect(
                    try log.append(batch(0, producer: producer))
                        == .duplicate(baseOffset: producer * 2, lastOffset: producer * 2 + 1)
                )
            }
        }
    }

    @Test func anUnknownProducerContinuesWhereItWas() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            #expect(try log.append(batch(40)).baseOffset == 0)
            #expect(code { () throws(LogError) in try log.append(batch(43)) } == .outOfOrderSequence)
        }
    }

    @Test func sequenceNumbersWrapAroundToZero() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(batch(Int32.max - 3, count: 2))
            let wrapping = batch(Int32.max - 1, count: 5)
            #expect(try log.append(wrapping) == .appended(baseOffset: 2, lastOffset: 6))
            #expect(try log.append(wrapping) == .duplicate(baseOffset: 2, lastOffset: 6))
            #expect(code { () throws(LogError) in try log.append(batch(4)) } == .outOfOrderSequence)
            #expect(try log.append(batch(3)).baseOffset == 7)
        }
    }

    @Test(arguments: [true, false])
    func duplicatesAreKnownAfterARestart(closesInOrder: Bool) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in Int32(0)..<20 { try log.append(batch(index * 2)) }
            #expect(log.segmentCount >= 2)
            if closesInOrder { try log.close() }
            let again = try PartitionLog.opened(path)
            for index in Int32(15)..<20 {
                #expect(try again.append(batch(index * 2)).lastOffset == Int64(index) * 2 + 1)
            }
            #expect(again.endOffset == 40)
            #expect(code { () throws(LogError) in try again.append(batch(41)) } == .outOfOrderSequence)
            #expect(try again.append(batch(40)).baseOffset == 40)
        }
    }

    @Test func anInactiveProducerExpires() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.small
            configuration.producerExpirationMilliseconds = 100
            let log = try PartitionLog.opened(path, configuration)
            try log.append(batch(0), now: 1_000)
            try log.maintain(now: 1_099)
            #expect(code { () throws(LogError) in try log.append(batch(9), now: 1_099) } == .outOfOrderSequence)
            try log.maintain(now: 1_100)
            #expect(try log.append(batch(9), now: 1_100).baseOffset == 2)
        }
    }

    @Test func theNumberOfProducersIsBounded() throws {
        var producers = ProducerStateManager(producersMax: 20)
        for producer in Int64(0)..<200 {
            var header = try RecordBatchHeader(batch(0, producer: producer).buffer)
            header.baseOffset = producer
            producers.record(header, at: producer)
            #expect(producers.producers.count <= 20)
            #expect(producers.producers[producer] != nil, "the newest is never the one to go")
        }
        #expect(producers.producers.keys.min().map { $0 >= 180 } == true, "the most silent went first")
    }
}
