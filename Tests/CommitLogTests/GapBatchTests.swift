import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@testable import CommitLog

@Suite struct GapBatchTests {
    /// The bytes of each form, made by a program in Python: a header with its CRC, and nothing behind it.
    @Test(arguments: [
        (
            GapBatch.afterLoss(4711..<4716, leaderEpoch: 3),
            "0000000000001267000000310000000302b75b0472002000000004" + String(repeating: "ff", count: 30) + "00000000"
        ),
        (
            GapBatch.afterCompaction(4711..<4716, leaderEpoch: 3),
            "0000000000001267000000310000000302bf2af076000000000004" + String(repeating: "ff", count: 30) + "00000000"
        ),
    ])
    func eachFormHasTheseBytes(batch: ByteBuffer, hex: String) throws {
        #expect(batch.readableBytesView.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == hex)
        let header = try RecordBatchHeader(verifying: batch.readableBytesSpan)
        #expect((header.baseOffset, header.nextOffset, header.recordCount) == (4711, 4716, 0))
    }

    @Test func theLastBatchOfAProducerKeepsItsPlaceInTheSequence() throws {
        var last = try RecordBatchHeader(GapBatch.afterLoss(4711..<4716, leaderEpoch: 3))
        (last.producerID, last.producerEpoch, last.baseSequence) = (9, 2, 17)
        let batch = GapBatch.afterCompaction(4711..<4716, leaderEpoch: 3, producer: last)
        let header = try RecordBatchHeader(verifying: batch.readableBytesSpan)
        #expect((header.producerID, header.producerEpoch) == (9, 2))
        #expect((header.baseSequence, header.lastSequence) == (17, 21))
    }
}
