import NIOCore
import Testing

@testable import Ingestor

@Suite struct ReceiveBuffersTests {
    private let limits = IngestorLimits()

    /// The size of a read after requests of this length that filled every buffer.
    private func size(after byteCount: Int, hasLongAnswer: Bool = false, missing: Int = 0) -> Int {
        let buffers = ReceiveBuffers(memory: RequestMemory(limits), limits: limits)
        for _ in 0..<20 {
            buffers.requestCame(byteCount, hasLongAnswer: hasLongAnswer)
            _ = buffers.record(actualReadBytes: buffers.buffer(allocator: ByteBufferAllocator()).capacity)
        }
        buffers.missing = missing
        return buffers.buffer(allocator: ByteBufferAllocator()).capacity
    }

    @Test func readBringsAFewRequests() {
        #expect(size(after: 20) == limits.receiveBufferBytesMin)
        #expect(size(after: 16_000) == 128 * 1024)
        #expect(size(after: 1_000_000) == limits.receiveBufferBytesMax)
    }

    @Test func requestsWithLongAnswersAreReadOneByOne() {
        #expect(size(after: 60, hasLongAnswer: true) == 64)
        #expect(size(after: 60, hasLongAnswer: true, missing: 56) == 64)
        #expect(size(after: 60, hasLongAnswer: true, missing: 200_000) == 256 * 1024)
    }
}
