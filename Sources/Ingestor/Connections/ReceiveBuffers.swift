import NIOCore

/// Sizes the buffers that a connection's socket is read into: by what a request still lacks, else by what came last.
/// While memory is short a read brings no more than a small request.
///
/// A read brings a few requests, never thousands: all that it brings are answered before other connections have their
/// turn. Those whose answers are long take the longest, so they are read one by one.
///
/// It offers no size to NIO's pool, which would keep each connection's last buffer for ever, and says after each read that
/// the next buffer may be larger: otherwise the pool would not ask again, and go on with the connection's first one.
final class ReceiveBuffers: RecvByteBufferAllocator, @unchecked Sendable {  // Used on the channel's event loop only.
    private let memory: RequestMemory
    // Not all limits: there is one of these for each connection.
    private let bytesMin: Int
    private let bytesMax: Int
    private let smallRequestBytesMax: Int
    private let requestsPerReadMax: Int
    private var size: AdaptiveRecvByteBufferAllocator
    /// What the request that is being read still lacks; 0 where its length is not known.
    var missing = 0
    /// The most that a read brings beyond that.
    private var fewRequests: Int

    init(memory: RequestMemory, limits: IngestorLimits) {
        self.memory = memory
        bytesMin = limits.receiveBufferBytesMin
        bytesMax = limits.receiveBufferBytesMax
        smallRequestBytesMax = limits.smallRequestBytesMax
        requestsPerReadMax = limits.requestsPerReadMax
        fewRequests = limits.receiveBufferBytesMax
        size = AdaptiveRecvByteBufferAllocator(
            minimum: limits.receiveBufferBytesMin,
            initial: min(max(limits.smallRequestBytesMax, limits.receiveBufferBytesMin), limits.receiveBufferBytesMax),
            maximum: limits.receiveBufferBytesMax
        )
    }

    /// A request of this length arrived: the next ones are expected to be like it.
    func requestCame(_ byteCount: Int, hasLongAnswer: Bool) {
        fewRequests =
            hasLongAnswer
            ? byteCount + MemoryLayout<Int32>.size
            : max(byteCount * requestsPerReadMax, bytesMin)
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        let usual = min(size.nextBufferSize() ?? bytesMin, fewRequests)
        let atLeast = min(fewRequests, bytesMin)
        let wanted = missing > 0 ? min(max(missing, atLeast), bytesMax) : usual
        let small = min(smallRequestBytesMax, bytesMax)
        let isTooMuch = wanted > small && !memory.hasRoom(for: wanted)
        return allocator.buffer(capacity: isTooMuch ? small : wanted)
    }

    func nextBufferSize() -> Int? { nil }

    func record(actualReadBytes: Int) -> Bool {
        _ = size.record(actualReadBytes: actualReadBytes)
        return true
    }
}
