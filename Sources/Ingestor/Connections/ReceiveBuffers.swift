import NIOCore

/// Sizes the buffers that a connection's socket is read into: by what a request still lacks, else by what came last.
/// While memory is short a read brings no more than a small request.
///
/// It offers no size to NIO's pool, which would keep each connection's last buffer for ever.
final class ReceiveBuffers: RecvByteBufferAllocator, @unchecked Sendable {  // Used on the channel's event loop only.
    private let memory: RequestMemory
    private let limits: IngestorLimits
    private var size: AdaptiveRecvByteBufferAllocator
    /// What the request that is being read still lacks; 0 where its length is not known.
    var missing = 0

    init(memory: RequestMemory, limits: IngestorLimits) {
        self.memory = memory
        self.limits = limits
        size = AdaptiveRecvByteBufferAllocator(
            minimum: limits.receiveBufferBytesMin,
            initial: min(16 * 1024, limits.receiveBufferBytesMax),
            maximum: limits.receiveBufferBytesMax
        )
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        let usual = size.nextBufferSize() ?? limits.receiveBufferBytesMin
        let wanted = missing > 0 ? min(max(missing, limits.receiveBufferBytesMin), limits.receiveBufferBytesMax) : usual
        let small = min(limits.smallRequestBytesMax, limits.receiveBufferBytesMax)
        let isTooMuch = wanted > small && !memory.hasRoom(for: wanted)
        return allocator.buffer(capacity: isTooMuch ? small : wanted)
    }

    func nextBufferSize() -> Int? { nil }

    func record(actualReadBytes: Int) -> Bool { size.record(actualReadBytes: actualReadBytes) }
}
