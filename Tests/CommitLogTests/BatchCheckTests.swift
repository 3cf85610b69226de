import Checksums
import CommitLog
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5)))
struct BatchCheckTests {
    private func refusal(_ batch: ByteBuffer, _ configuration: LogConfiguration = .small) throws -> LogError.Code? {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration)
            do throws(LogError) {
                _ = try log.append(batch: batch, now: 1)
                return nil
            } catch {
                #expect(log.endOffset == 0)
                #expect(log.byteCount == 0)
                return error.code
            }
        }
    }

    /// A batch with `change` made to its bytes and its CRC made right again.
    private func forged(_ batch: TestBatch = TestBatch(timestamps: [1, 2]), _ change: (inout ByteBuffer) -> Void)
        -> ByteBuffer
    {
        var bytes = batch.buffer
        change(&bytes)
        let checksum = CRC32C.checksum(of: bytes.readableBytesSpan.extracting(21..<bytes.readableBytes))
        bytes.setInteger(checksum, at: 17)
        return bytes
    }

    @Test func aWholeBatchIsTaken() throws {
        #expect(try refusal(forged { _ in }) == nil)
    }

    @Test func anyChangedByteBehindTheMagicIsFound() throws {
        let whole = TestBatch().buffer
        for index in 17..<whole.readableBytes {
            var batch = whole
            batch.setInteger(UInt8(truncatingIfNeeded: (batch.getInteger(at: index) ?? UInt8(0)) ^ 0x10), at: index)
            #expect(try refusal(batch) == .corruptBatch, "byte \(index)")
        }
    }

    @Test(arguments: [0, 1, 3] as [Int8])
    func otherFormatsAreToldApartFromDamage(magic: Int8) throws {
        #expect(try refusal(forged { $0.setInteger(magic, at: 16) }) == .unsupportedFormat)
    }

    @Test func aShorterBatchIsFound() throws {
        let whole = TestBatch().buffer
        for length in 0..<whole.readableBytes {
            #expect(try refusal(try #require(whole.getSlice(at: 0, length: length))) == .corruptBatch)
        }
    }

    @Test func twoBatchesInOneAreRefused() throws {
        var bytes = TestBatch().buffer
        bytes.writeImmutableBuffer(TestBatch().buffer)
        #expect(try refusal(bytes) == .invalidRecord)
    }

    @Test func controlTransactionalAndServerTimedBatchesAreRefused() throws {
        #expect(try refusal(forged { $0.setInteger(Int16(0x20), at: 21) }) == .invalidRecord)
        #expect(try refusal(forged { $0.setInteger(Int16(0x08), at: 21) }) == .invalidRecord)
        #expect(try refusal(TestBatch(producerID: 1, isTransactional: true).buffer) == .invalidRecord)
    }

    @Test func anUnknownCodecIsRefused() throws {
        #expect(try refusal(forged { $0.setInteger(Int16(0x07), at: 21) }) == .invalidRecord)
    }

    /// The number of records and the last offset delta.
    static let counts: [(Int32, Int32)] = [(1, .max), (.max, .max), (2, 2), (0, 0), (-1, 0), (3, 1), (2, -1)]

    @Test(arguments: counts)
    func aCountThatTheLastOffsetDoesNotFitIsRefused(count: Int32, lastOffsetDelta: Int32) throws {
        let batch = forged {
            $0.setInteger(lastOffsetDelta, at: 23)
            $0.setInteger(count, at: 57)
        }
        #expect(try refusal(batch) == .invalidRecord)
    }

    @Test func aProducerIDWithoutASequenceIsRefused() throws {
        #expect(try refusal(forged { $0.setInteger(Int64(7), at: 43) }) == .invalidRecord)
    }

    @Test func recordsThatDoNotFillTheBatchAreRefused() throws {
        // One record more, and one less, than there are.
        for count in [Int32(3), 1] {
            let batch = forged {
                $0.setInteger(count - 1, at: 23)
                $0.setInteger(count, at: 57)
            }
            #expect(try refusal(batch) == .invalidRecord)
        }
        // The first record claims more bytes than there are.
        #expect(try refusal(forged { $0.setInteger(UInt8(0x7E), at: 61) }) == .invalidRecord)
    }

    @Test func aBatchLargerThanTheTopicTakesIsRefused() throws {
        var configuration = LogConfiguration.small
        let batch = TestBatch().buffer
        configuration.messageBytesMax = batch.readableBytes
        #expect(try refusal(batch, configuration) == nil)
        configuration.messageBytesMax -= 1
        #expect(try refusal(batch, configuration) == .messageTooLarge)
    }
}
