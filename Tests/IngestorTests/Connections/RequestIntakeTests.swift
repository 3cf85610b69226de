import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@Suite struct RequestIntakeTests {
    /// Feeds bytes in pieces and answers every request, keeping the books as a connection does.
    private func frames(of bytes: ByteBuffer, in pieces: [Int]) throws -> [ByteBuffer] {
        var intake = RequestIntake(frameByteCountMax: 10_000)
        var frames: [ByteBuffer] = []
        var here = 0
        var rest = bytes
        for piece in pieces {
            guard let part = rest.readSlice(length: min(piece, rest.readableBytes)) else { break }
            here += part.readableBytes
            intake.received(ByteBuffer(bytes: part.readableBytesView))
            steps: while true {
                #expect(here == intake.byteCount)
                switch try intake.next() {
                case .needBytes: break steps
                case .request(let frame):
                    frames.append(frame)
                    here -= intake.answered()
                }
            }
        }
        #expect(rest.readableBytes == 0)
        #expect(here == 0)
        #expect(!intake.isInsideFrame)
        return frames
    }

    private func stream(of sizes: [Int]) -> (bytes: ByteBuffer, frames: [ByteBuffer]) {
        var bytes = ByteBuffer()
        var frames: [ByteBuffer] = []
        for (index, size) in sizes.enumerated() {
            let frame = ByteBuffer(repeating: UInt8(index % 256), count: size)
            bytes.writeInteger(Int32(size))
            bytes.writeImmutableBuffer(frame)
            frames.append(frame)
        }
        return (bytes, frames)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 1_000, 100_000])
    func framesAreTheSameHoweverTheyCome(pieceSize: Int) throws {
        let (bytes, frames) = stream(of: [0, 1, 3, 4, 500, 0, 9_999, 10_000, 2])
        let pieces = [Int](repeating: pieceSize, count: bytes.readableBytes / pieceSize + 1)
        #expect(try self.frames(of: bytes, in: pieces) == frames)
    }

    @Test(arguments: Seeds.chosen(Array(1...30)))
    func framesAreTheSameInRandomPieces(seed: UInt64) throws {
        try withSeed(seed) { generator in
            let (bytes, frames) = stream(of: (0..<20).map { _ in Int.random(in: 0...3_000, using: &generator) })
            var pieces: [Int] = []
            while pieces.reduce(0, +) < bytes.readableBytes {
                pieces.append(Int.random(in: 1...4_000, using: &generator))
            }
            let cut = try self.frames(of: bytes, in: pieces)
            #expect(cut == frames)
        }
    }

    @Test(arguments: [Int32(-1), 10_001, .max, .min])
    func lengthThatCannotBeIsRefusedBeforeAnyMemoryIsTaken(length: Int32) {
        var intake = RequestIntake(frameByteCountMax: 10_000)
        var prefix = ByteBuffer()
        prefix.writeInteger(length)
        intake.received(prefix)
        #expect(throws: DecodeError.self) { _ = try intake.next() }
    }

    @Test func onlyBytesThatCameAreCounted() throws {
        var intake = RequestIntake(frameByteCountMax: 10_000)
        intake.received(ByteBuffer(bytes: [0, 0, 0x10, 0, 1]))
        guard case .needBytes(missing: 4_096 - 1) = try intake.next() else {
            Issue.record("the rest of the frame is missing")
            return
        }
        #expect(intake.byteCount == 5)
    }

    @Test func requestThatWaitsHoldsNoRoomForItsRest() throws {
        var intake = RequestIntake(frameByteCountMax: 1_000_000)
        var bytes = ByteBufferAllocator().buffer(capacity: 500_000)
        bytes.writeInteger(Int32(400_000))
        bytes.writeRepeatingByte(1, count: 60_000)
        intake.received(bytes)
        _ = try intake.next()
        intake.readingWaits()
        #expect(intake.byteCount == 60_004)
        #expect(intake.storageByteCount <= 2 * 60_004)
        intake.received(ByteBuffer(repeating: 1, count: 340_000))
        guard case .request(let frame) = try intake.next() else {
            Issue.record("the request is whole")
            return
        }
        #expect(frame == ByteBuffer(repeating: 1, count: 400_000))
    }
}
