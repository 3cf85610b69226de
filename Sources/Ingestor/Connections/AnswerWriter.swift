import CommitLog
import Files
import KafkaProtocol
import NIOCore
import SystemPackage

/// How record batches get from the log's files to a connection.
enum RecordTransfer {
    /// As regions of their files: the kernel sends them without a copy in memory (`sendfile`).
    case fileRegions
    /// As bytes, for a channel that encrypts: read a chunk at a time, the next when the channel is writable again.
    case chunks
}

/// Writes the answers of one connection to its channel: their own bytes, and between them record batches from the log.
///
/// All calls come from the channel's event loop. A write can change the channel's writability, which calls back into the
/// connection and from there into this: every state is complete before a write.
final class AnswerWriter {
    /// The most that is read of a file at a time: what a client that reads slowly keeps in memory.
    static let chunkByteCountMax = 64 * 1024

    private enum Part {
        case bytes(ByteBuffer, EventLoopPromise<Void>?)
        case slice(LogSlice, written: Int)
    }

    private let transfer: RecordTransfer
    /// What waits until the channel is writable; always empty with ``RecordTransfer/fileRegions``.
    private var pending = CircularBuffer<Part>()
    /// The bytes that wait.
    private(set) var pendingByteCount = 0

    init(_ transfer: RecordTransfer) {
        self.transfer = transfer
    }

    /// Whether all answers are in the channel.
    var isIdle: Bool { pending.isEmpty }

    /// Writes an answer, as far as that can be done now; ``writePending(to:charge:)`` writes the rest.
    ///
    /// - Parameter sent: Completed when the last bytes of the answer, and all before them, are sent or lost.
    func write(
        _ frame: ResponseFrame,
        _ slices: [LogSlice],
        to context: ChannelHandlerContext,
        sent: EventLoopPromise<Void>?
    ) {
        var position = frame.buffer.readerIndex
        for (place, slice) in zip(frame.externalBytes, slices) {
            write(frame.buffer, from: position, to: place.position, context, nil)
            write(slice, context)
            position = place.position
        }
        write(frame.buffer, from: position, to: frame.buffer.writerIndex, context, sent)
    }

    /// Writes what waits, until the channel is not writable.
    ///
    /// - Parameter charge: Counts the bytes of a chunk; returns what to complete when they are sent.
    /// - Throws: where the log cannot be read. The answer cannot be completed then.
    func writePending(
        to context: ChannelHandlerContext,
        charge: (Int) -> EventLoopPromise<Void>?
    ) throws(LogError) {
        while let part = pending.first, context.channel.isWritable {
            switch part {
            case .bytes(let bytes, let sent):
                pending.removeFirst()
                pendingByteCount -= bytes.readableBytes
                context.write(NIOAny(IOData.byteBuffer(bytes)), promise: sent)
            case .slice(let slice, let written):
                let chunk = try slice.bytes(at: written, count: Self.chunkByteCountMax)
                pendingByteCount -= chunk.readableBytes
                let position = written + chunk.readableBytes
                if position == slice.length {
                    pending.removeFirst()
                } else {
                    pending[pending.startIndex] = .slice(slice, written: position)
                }
                context.write(NIOAny(IOData.byteBuffer(chunk)), promise: charge(chunk.readableBytes))
            }
        }
    }

    /// Completes `sent` when everything that was written before is sent or lost.
    func finish(on context: ChannelHandlerContext, _ sent: EventLoopPromise<Void>) {
        if pending.isEmpty {
            context.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: sent)
        } else {
            pending.append(.bytes(ByteBuffer(), sent))
        }
    }

    /// The channel is closed: what waits is lost.
    func discard() {
        let lost = pending
        pending.removeAll()
        pendingByteCount = 0
        for case .bytes(_, let sent?) in lost { sent.fail(ChannelError.ioOnClosedChannel) }
    }

    private func write(
        _ buffer: ByteBuffer,
        from: Int,
        to: Int,
        _ context: ChannelHandlerContext,
        _ sent: EventLoopPromise<Void>?
    ) {
        guard let part = buffer.getSlice(at: from, length: to - from), part.readableBytes > 0 || sent != nil else {
            return
        }
        if pending.isEmpty {
            context.write(NIOAny(IOData.byteBuffer(part)), promise: sent)
        } else {
            pending.append(.bytes(part, sent))
            pendingByteCount += part.readableBytes
        }
    }

    private func write(_ slice: LogSlice, _ context: ChannelHandlerContext) {
        if transfer == .chunks {
            pending.append(.slice(slice, written: 0))
            pendingByteCount += slice.length
            return
        }
        // The slice's file owns the descriptor and lives until the bytes are sent. Take the descriptor back from NIO's
        // handle before it is released: the handle requires that it was closed.
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: slice.file.descriptor)
        let region = FileRegion(
            fileHandle: handle,
            readerIndex: slice.position,
            endIndex: slice.position + slice.length
        )
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            withExtendedLifetime(slice) { _ = try? handle.takeDescriptorOwnership() }
        }
        context.write(NIOAny(IOData.fileRegion(region)), promise: sent)
    }
}
