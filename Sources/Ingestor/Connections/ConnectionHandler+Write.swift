import CommitLog
import Files
import KafkaProtocol
import NIOCore
import SystemPackage

extension ConnectionHandler {
    /// Writes an answer: its own bytes, and between them parts of files that the kernel sends without copying them here.
    func write(_ answer: Answer, _ header: RequestHeader, _ context: ChannelHandlerContext) {
        let frame = ResponseFrame(
            answer.body,
            version: answer.version ?? header.version,
            correlationID: header.correlationID
        )
        IngestorMetrics.sent(answer.slices.reduce(frame.buffer.readableBytes) { $0 + $1.length })
        let sent = chargeAnswer(frame.buffer.readableBytes, context)
        var position = frame.buffer.readerIndex
        for (place, slice) in zip(frame.externalBytes, answer.slices) {
            write(frame.buffer, from: position, to: place.position, context)
            write(slice, context)
            position = place.position
        }
        write(frame.buffer, from: position, to: frame.buffer.writerIndex, context, sent)
    }

    /// - Parameter sent: Fulfilled when these bytes, and all before them, are sent or lost; also where there are none.
    private func write(
        _ buffer: ByteBuffer,
        from: Int,
        to: Int,
        _ context: ChannelHandlerContext,
        _ sent: EventLoopPromise<Void>? = nil
    ) {
        guard let part = buffer.getSlice(at: from, length: to - from), part.readableBytes > 0 || sent != nil else {
            return
        }
        context.write(wrapOutboundOut(.byteBuffer(part)), promise: sent)
    }

    private func write(_ slice: LogSlice, _ context: ChannelHandlerContext) {
        // The descriptor belongs to the slice's file, which lives until the bytes are sent; NIO's handle must let go of it
        // before it ends, or it would insist on having closed it.
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
        context.write(wrapOutboundOut(.fileRegion(region)), promise: sent)
    }
}
