import CommitLog
import KafkaProtocol
import Logging
import NIOCore

/// Serves one connection: reads requests, has each answered by the ``Broker``, writes the answers in the same order.
///
/// One request is answered at a time; what the client sends meanwhile waits in the socket. So answers are in order by
/// construction, a client that does not read its answers sends nothing more, and memory is bounded: the socket is read on
/// only for a request that ``RequestMemory`` has room for. All state belongs to the channel's event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    /// What is done about the request whose turn it is.
    private enum Phase {
        /// None: the next one is read.
        case reading
        /// Its length is known, and there is no memory for it yet.
        case waitingForMemory(RequestMemory.Ticket, Int)
        /// It waits for something inside the ingestor.
        case waitingForReply(Reply.Pending)
        /// The connection is ending.
        case closed
    }

    private let broker: Broker
    private let limits: IngestorLimits
    private let logger: Logger
    private var phase = Phase.reading
    private var intake: RequestIntake
    private var advertised = ListenAddress(host: "", port: 0)
    private var isReadPending = false
    private var isStopping = false
    /// Set while ``proceed(_:)`` runs, so that a reply which is there at once does not start it again.
    private var isProceeding = false
    /// When the client last sent something, was answered, or took so much of its answers that there is room for more.
    private var lastActivity = NIODeadline.uptimeNanoseconds(0)
    private var idleTimer: Scheduled<Void>?

    init(broker: Broker, logger: Logger) {
        self.broker = broker
        self.logger = logger
        limits = broker.configuration.limits
        intake = RequestIntake(frameByteCountMax: limits.requestBytesMax)
    }

    // MARK: The channel's events

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard idleTimer == nil else { return }
        advertised = broker.configuration.advertised ?? ListenAddress(ofLocal: context.channel)
        lastActivity = context.eventLoop.now
        scheduleIdleTimer(context)
        proceed(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What comes while the last answer goes out is nobody's any more.
        if case .closed = phase { return }
        broker.memory.charge(intake.received(unwrapInboundIn(data)))
        lastActivity = context.eventLoop.now
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadPending = false
        proceed(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        lastActivity = context.eventLoop.now
        proceed(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Shutdown else { return context.fireUserInboundEventTriggered(event) }
        isStopping = true
        if case .waitingForReply(let pending) = phase { return pending.hurry?() ?? () }
        end(context, nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if intake.isInsideFrame, case .reading = phase {
            logger.debug("connection ended within a request", metadata: [LogKey.bytes: "\(intake.charged)"])
        }
        finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: [LogKey.reason: "\(error)"])
        end(context, nil)
    }

    // MARK: Requests

    /// Goes on with what is there until something is missing: bytes, memory, a reply, or room for answers.
    private func proceed(_ context: ChannelHandlerContext) {
        if isProceeding { return }
        isProceeding = true
        defer {
            isProceeding = false
            context.flush()
        }
        while case .reading = phase {
            guard !isStopping else { return end(context, nil) }
            guard context.channel.isWritable else { return }
            do {
                switch try intake.next() {
                case .needBytes: return read(context)
                case .needMemory(let byteCount): reserve(byteCount, context)
                case .request(let frame): answer(frame, context)
                }
            } catch {
                return end(context, "\(error)")
            }
        }
    }

    private func read(_ context: ChannelHandlerContext) {
        guard !isReadPending else { return }
        isReadPending = true
        context.flush()
        context.read()
    }

    private func reserve(_ byteCount: Int, _ context: ChannelHandlerContext) {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let ticket = broker.memory.reserve(byteCount) {
            eventLoop.execute {
                let (handler, context) = loopBound.value
                handler.memoryGranted(byteCount, context)
            }
        }
        if let ticket {
            phase = .waitingForMemory(ticket, byteCount)
        } else {
            intake.granted(byteCount)
        }
    }

    private func memoryGranted(_ byteCount: Int, _ context: ChannelHandlerContext) {
        // Otherwise the connection ended between the grant and now, and its end has given the memory back.
        guard case .waitingForMemory = phase else { return }
        phase = .reading
        intake.granted(byteCount)
        lastActivity = context.eventLoop.now
        proceed(context)
    }

    private func answer(_ frame: ByteBuffer, _ context: ChannelHandlerContext) {
        var body = frame
        let header: RequestHeader
        let reply: Reply
        do throws(DecodeError) {
            header = try RequestHeader(from: &body)
            let requestContext = RequestContext(
                version: header.version,
                clientID: header.clientID ?? "",
                advertised: advertised,
                eventLoop: context.eventLoop
            )
            reply = try broker.reply(to: header, body: &body, requestContext)
        } catch {
            return end(context, "a request cannot be read: \(error)")
        }
        switch reply {
        case .now(let answer): settle(.answer(answer), header, context)
        case .nothing: settle(.nothing, header, context)
        case .close(let reason): settle(.close(reason), header, context)
        case .later(let pending): wait(for: pending, header, context)
        }
    }

    private func wait(for pending: Reply.Pending, _ header: RequestHeader, _ context: ChannelHandlerContext) {
        phase = .waitingForReply(pending)
        if !pending.needsRequest { releaseRequest() }
        // The promise is fulfilled on this event loop, so nothing leaves it.
        pending.reply.assumeIsolated().whenComplete { result in
            guard case .waitingForReply = self.phase else { return }
            self.phase = .reading
            switch result {
            case .success(let settled): self.settle(settled, header, context)
            case .failure(let error): self.end(context, "a request failed: \(error)")
            }
            self.proceed(context)
        }
        if isStopping { pending.hurry?() }
    }

    private func settle(_ reply: Reply.Settled, _ header: RequestHeader, _ context: ChannelHandlerContext) {
        releaseRequest()
        lastActivity = context.eventLoop.now
        switch reply {
        case .answer(let answer): write(answer, header, context)
        case .nothing: break
        case .close(let reason): end(context, reason)
        }
    }

    /// Gives back the memory of the request whose turn it is; without effect where that was done already.
    private func releaseRequest() {
        guard intake.holdsReservation else { return }
        broker.memory.release(intake.answered())
    }

    // MARK: The end

    /// Closes the connection: what was answered goes out first, as far as the client takes it within the grace. Where
    /// the client has sent more than was read, the system ends the connection with a reset, which can cost the client what it
    /// had not taken by then. With a reason it is the client's fault, and logged.
    private func end(_ context: ChannelHandlerContext, _ reason: String?) {
        if case .closed = phase { return }
        if let reason { logger.warning("connection closed", metadata: [LogKey.reason: "\(reason)"]) }
        finish()
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limits.shutdownGrace) {
            context.close(promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            deadline.cancel()
            context.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: written)
    }

    /// Gives back everything that is held for the client.
    private func finish() {
        let last = phase
        phase = .closed
        idleTimer?.cancel()
        switch last {
        case .closed: return
        case .waitingForMemory(let ticket, let byteCount):
            if !broker.memory.giveUp(ticket) { broker.memory.release(byteCount) }
        case .waitingForReply(let pending): pending.abandon?()
        case .reading: break
        }
        let charged = intake.charged
        if intake.holdsReservation {
            broker.memory.release(charged)
        } else {
            broker.memory.discharge(charged)
        }
    }

    /// A client that says nothing for long, or not the rest of its request, is not kept. What a client that has answers to
    /// take sent of its next request is not looked at before there is room for that one's answer, so it is not judged.
    private func scheduleIdleTimer(_ context: ChannelHandlerContext) {
        let timeout = intake.isInsideFrame ? limits.requestArrivalTimeout : limits.connectionIdleTimeout
        let check = min(timeout, limits.requestArrivalTimeout)
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: check) {
            self.checkIdleness(context)
        }
    }

    private func checkIdleness(_ context: ChannelHandlerContext) {
        let silence = context.eventLoop.now - lastActivity
        if case .reading = phase {
            if intake.isInsideFrame, context.channel.isWritable, silence >= limits.requestArrivalTimeout {
                return end(context, "the rest of a request did not come within \(silence.nanoseconds / 1_000_000) ms")
            }
            if silence >= limits.connectionIdleTimeout { return end(context, nil) }
        }
        scheduleIdleTimer(context)
    }
}
