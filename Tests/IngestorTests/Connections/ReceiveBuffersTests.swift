import KafkaProtocol
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

    /// One of these waits where there is no memory for its answer.
    @Test func apisWhoseAnswersAreMuchLongerThanTheirRequestsAreKnown() {
        let long = APIKey.allCases.filter { api in
            ConnectionHandler.mayHaveLongAnswer(ByteBuffer(integer: api.rawValue))
        }
        #expect(long.contains(.metadata) && long.contains(.describeTopicPartitions))
        #expect(!long.contains(.produce) && !long.contains(.heartbeat))
    }

    @Test func requestsWithLongAnswersAreReadOneByOne() {
        #expect(size(after: 60, hasLongAnswer: true) == 64)
        #expect(size(after: 60, hasLongAnswer: true, missing: 56) == 64)
        #expect(size(after: 60, hasLongAnswer: true, missing: 200_000) == 256 * 1024)
    }

    /// NIO's pool goes on with a connection's first buffer unless the one before may have been too small.
    @Test func eachReadThroughThePoolHasTheSizeThatIsWantedNow() {
        let buffers = ReceiveBuffers(memory: RequestMemory(limits), limits: limits)
        var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: buffers)
        var sizes: [Int] = []
        for (missing, arriving) in [(0, 68), (0, 4096), (300_000, 60_000), (240_000, 240_000), (0, 30), (500_000, 9)] {
            buffers.missing = missing
            let (buffer, _) = pool.buffer(allocator: ByteBufferAllocator()) { buffer in
                buffer.writeRepeatingByte(0, count: arriving)
            }
            pool.record(actualReadBytes: arriving)
            sizes.append(buffer.capacity)
        }
        #expect(sizes == [4096, 4096, 512 * 1024, 256 * 1024, 32 * 1024, 512 * 1024])
    }
}
