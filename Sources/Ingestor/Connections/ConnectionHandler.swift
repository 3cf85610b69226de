import CommitLog
import KafkaProtocol
import Logging
import NIOCore

/// Serves one connection: reads requests, has each answered by the ``Broker``, writes the answers in the same order.
///
/// One request is answered at a time; what the client sends meanwhile waits in the socket. So answers are in order by
/// construction, a client that does not read its answers sends nothing more, and memory is bounded: beyond a small request
/// the socket is read on only where ``RequestMemory`` has room. All state belongs to the channel's event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    /// The state of the current request.
    private enum Phase {
        /// None is under way: the next one is read.
        case reading
        /// It waits for memory: for its rest or, once it is complete, for its answer.
        case waitingForMemory(RequestMemory.Ticket, whole: ByteBuffer?)
        /// Its reply comes later.
        case waitingForReply(Reply.Pending)
        /// The connection is closed, or closes after its last answer.
        case closed
    }

    private let broker: Broker
    /// Those of the broker: a copy for each connection would take half a kilobyte.
    private var limits: IngestorLimits { broker.configuration.limits }
    private var logger: Logger
    /// To be set as the channel's.
    let receiveBuffers: ReceiveBuffers
    private var phase = Phase.reading
    private var intake: RequestIntake
    /// What this connection is charged for: the bytes that came, and answers that were not sent yet.
    private var chargedBytes = 0
    private var chargedAnswerBytes = 0
    /// Whether it is checked how fast the client reads its answers.
    private var watchesAnswers = false
    private var lane: RequestMemory.Lane?
    private let origin: ConnectionOrigin
    private var advertised = ListenAddress(host: "", port: 0)
    private var clientHost = ""
    private let writer: AnswerWriter
    /// Whether the channel takes more of answers.
    private var isWritable = true
    private var isReadPending = false
    private var isStopping = false
    /// Set while ``proceed(_:)`` runs, so that a reply which is there at once does not start it again.
    private var isProceeding = false
    private var watch: PeerWatch
    /// When the current request had come whole, and whether it waits for others.
    private var requestCame = NIODeadline.uptimeNanoseconds(0)
    private var isLongPoll = false
    /// Whether its answer can be many times as long.
    private var mayAnswerLong = false
    /// Charged for an answer that is being made on another thread.
    private var reservedAnswerBytes = 0
    private var timer: Scheduled<Void>?
    private var timerIsQuick = false

    init(broker: Broker, origin: ConnectionOrigin, transfer: RecordTransfer, logger: Logger) {
        self.broker = broker
        self.origin = origin
        self.logger = logger
        self.logger[metadataKey: LogKey.listener] = "\(origin.listener)"
        let limits = broker.configuration.limits
        intake = RequestIntake(frameByteCountMax: limits.requestBytesMax)
        receiveBuffers = ReceiveBuffers(memory: broker.memory, limits: limits)
        writer = AnswerWriter(transfer)
        watch = PeerWatch(limits, now: .uptimeNanoseconds(0))
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
        guard timer == nil else { return }
        logger[metadataKey: LogKey.peer] = "\(context.channel.remoteAddress?.description ?? "unknown")"
        clientHost = context.channel.remoteAddress?.ipAddress.map { "/\($0)" } ?? ""
        advertised = origin.advertised ?? ListenAddress(ofLocal: context.channel)
        watch.wasActive(now: context.eventLoop.now)
        scheduleTimer(context)
        proceed(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What arrives while the last answer is sent is not answered.
        if case .closed = phase { return }
        let bytes = unwrapInboundIn(data)
        origin.metrics.received(bytes.readableBytes)
        broker.memory.charge(bytes.readableBytes, in: lane)
        chargedBytes += bytes.readableBytes
        intake.received(bytes)
        watch.received(bytes.readableBytes, now: context.eventLoop.now)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadPending = false
        proceed(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        watch.wasActive(now: context.eventLoop.now)
        proceed(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Shutdown else { return context.fireUserInboundEventTriggered(event) }
        isStopping = true
        if case .waitingForReply(let pending) = phase { return pending.completeNow?() ?? () }
        end(context, nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if intake.isInsideFrame, case .reading = phase {
            logger.debug("connection ended within a request", metadata: [LogKey.bytes: "\(intake.byteCount)"])
        }
        finish()
        writer.discard()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: [LogKey.reason: "\(error)"])
        end(context, nil)
    }

    // MARK: Requests

    /// Continues until something is missing: bytes, memory, a reply, or room for answers.
    private func proceed(_ context: ChannelHandlerContext) {
        if isProceeding { return }
        isProceeding = true
        defer {
            isProceeding = false
            context.flush()
            watchUnsentAnswers(context)
        }
        guard writeOn(context) else { return }
        while case .reading = phase {
            guard !isStopping else { return end(context, nil) }
            guard writer.isIdle, isWritable else { return }
            do {
                switch try intake.next() {
                case .needBytes(let missing): readOn(missing, context)
                case .request(let frame): take(frame, context)
                }
            } catch {
                return end(context, "\(error)")
            }
            if isReadPending { return }
        }
    }

    /// Reads on, or waits for the memory to do so.
    private func readOn(_ missing: Int?, _ context: ChannelHandlerContext) {
        guard !isReadPending else { return }
        if watch.requestIsArriving(intake.isInsideFrame, now: context.eventLoop.now) { scheduleTimerSooner(context) }
        receiveBuffers.missing = missing ?? 0
        if let missing, lane == nil, intake.byteCount >= limits.smallRequestBytesMax {
            let step = min(missing, limits.receiveBufferBytesMax)
            guard hasMemory(step, whole: intake.byteCount + missing, nil, context) else { return }
        }
        isReadPending = true
        context.flush()
        context.read()
    }

    /// Answers a complete request, where there is memory for an answer that may be many times as long.
    private func take(_ frame: ByteBuffer, _ context: ChannelHandlerContext) {
        watch.requestIsComplete()
        requestCame = context.eventLoop.now
        isLongPoll = false
        let hasLongAnswer = Self.mayHaveLongAnswer(frame)
        mayAnswerLong = hasLongAnswer
        receiveBuffers.requestCame(frame.readableBytes, hasLongAnswer: hasLongAnswer)
        if lane == nil, hasLongAnswer,
            !hasMemory(limits.answerBytesMax, whole: limits.answerBytesMax, frame, context)
        {
            return
        }
        answer(frame, context)
    }

    /// APIs whose answer can be many times as long as the request.
    static func mayHaveLongAnswer(_ frame: ByteBuffer) -> Bool {
        guard let key = frame.getInteger(at: frame.readerIndex, as: Int16.self) else { return false }
        switch APIKey(rawValue: key) {
        case .metadata, .offsetFetch, .findCoordinator, .joinGroup, .describeGroups, .listGroups, .createTopics,
            .describeConfigs, .describeLogDirs, .describeProducers, .describeTopicPartitions, .electLeaders,
            .alterPartitionReassignments, .consumerGroupDescribe, .listConfigResources:
            return true
        default: return false
        }
    }

    private func hasMemory(
        _ step: Int,
        whole: Int,
        _ frame: ByteBuffer?,
        _ context: ChannelHandlerContext
    ) -> Bool {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let admission = broker.memory.admit(step, holding: chargedBytes, of: whole) { lane in
            eventLoop.execute {
                let (handler, context) = loopBound.value
                handler.memoryGranted(lane, context)
            }
        }
        switch admission {
        case .admitted(let lane):
            self.lane = lane
            return true
        case .waiting(let ticket):
            phase = .waitingForMemory(ticket, whole: frame)
            if frame == nil { intake.readingWaits() }
            return false
        }
    }

    private func memoryGranted(_ lane: RequestMemory.Lane?, _ context: ChannelHandlerContext) {
        guard case .waitingForMemory(_, let frame) = phase else {
            // The connection ended between the grant and now; its bytes were left to this grant.
            giveBackBytes(in: lane)
            return
        }
        self.lane = lane
        phase = .reading
        watch.mayContinue(now: context.eventLoop.now)
        scheduleTimerSooner(context)
        if let frame { answer(frame, context) }
        if !isReadPending, case .reading = phase, frame == nil {
            isReadPending = true
            context.read()
        }
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
                clientHost: clientHost,
                origin: origin,
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
        isLongPoll = pending.abandon != nil || pending.completeNow != nil
        if mayAnswerLong, !isLongPoll {
            // Many such answers can be made at once: each is charged for in advance. A request that has the lane keeps it.
            if lane == nil {
                reservedAnswerBytes = limits.reservedAnswerBytes
                broker.memory.charge(reservedAnswerBytes, in: nil)
            }
        } else if !pending.needsRequest {
            releaseRequest()
        } else if pending.completeNow != nil, let lane {
            // It can wait long, and others wait for the lane.
            self.lane = nil
            broker.memory.leave(lane, holding: chargedBytes)
        }
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
        if isStopping { pending.completeNow?() }
    }

    private func settle(_ reply: Reply.Settled, _ header: RequestHeader, _ context: ChannelHandlerContext) {
        releaseReservedAnswer()
        releaseRequest()
        let now = context.eventLoop.now
        watch.wasActive(now: now)
        broker.slowRequests.answered(header, in: now - requestCame, isLongPoll: isLongPoll, logger)
        switch reply {
        case .answer(let answer): write(answer, header, context)
        case .nothing: break
        case .close(let reason): end(context, reason)
        }
    }

    /// Releases what was charged for an answer that is here now, or that nobody waits for any more.
    private func releaseReservedAnswer() {
        broker.memory.release(reservedAnswerBytes, in: nil)
        reservedAnswerBytes = 0
    }

    /// Releases the memory of the current request; without effect where that was done already.
    private func releaseRequest() {
        let byteCount = intake.answered()
        guard byteCount > 0 else { return }
        chargedBytes -= byteCount
        broker.memory.release(byteCount, in: lane)
        guard let lane else { return }
        self.lane = nil
        broker.memory.leave(lane, holding: chargedBytes)
    }

    // MARK: Answers

    private func write(_ answer: Answer, _ header: RequestHeader, _ context: ChannelHandlerContext) {
        let frame = ResponseFrame(
            answer.body,
            version: answer.version ?? header.version,
            correlationID: header.correlationID
        )
        origin.metrics.sent(answer.slices.reduce(frame.buffer.readableBytes) { $0 + $1.length })
        let sent = chargeAnswer(frame.buffer.storageCapacity, context)
        writer.write(frame, answer.slices, to: context, sent: sent)
        _ = writeOn(context)
    }

    /// Writes what is left of an answer, as far as the channel takes it.
    ///
    /// - Returns: `false` where the connection ends because the log could not be read.
    private func writeOn(_ context: ChannelHandlerContext) -> Bool {
        do throws(LogError) {
            try writer.writePending(to: context) { chargeAnswer($0, context) }
            return true
        } catch {
            logger.error("answer cut short: the log cannot be read", metadata: [LogKey.reason: "\(error)"])
            finish()
            writer.discard()
            context.close(promise: nil)
            return false
        }
    }

    /// Counts an answer's bytes in memory until they are sent, where they are many. What it was written into is up to twice
    /// as long as the answer.
    private func chargeAnswer(_ byteCount: Int, _ context: ChannelHandlerContext) -> EventLoopPromise<Void>? {
        guard byteCount > limits.uncountedAnswerBytesMax else { return nil }
        chargedAnswerBytes += byteCount
        broker.memory.charge(byteCount, in: nil)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            self.chargedAnswerBytes -= byteCount
            if self.chargedAnswerBytes == 0 { self.watchesAnswers = false }
            self.broker.memory.release(byteCount, in: nil)
        }
        return sent
    }

    /// Checks from now on how fast the client reads, where its socket did not take the answers at once as nearly always.
    private func watchUnsentAnswers(_ context: ChannelHandlerContext) {
        if case .closed = phase { return }
        guard chargedAnswerBytes > 0, !watchesAnswers else { return }
        watchesAnswers = true
        watch.answerIsWaiting()
        scheduleTimerSooner(context)
    }

    // MARK: The end

    /// Closes the connection after its last answer is sent, or when the grace period ends. Where the client has sent more
    /// than was read, the system resets the connection, which can lose what the client has not read by then. With a reason it
    /// is the client's fault, and logged.
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
        writer.finish(on: context, written)
    }

    /// Releases everything that is held for the client.
    private func finish() {
        let last = phase
        phase = .closed
        timer?.cancel()
        switch last {
        case .closed: return
        case .waitingForMemory(let ticket, _):
            // Where a grant is on its way it may bring a lane, so the bytes are given back when it is here.
            guard broker.memory.giveUp(ticket) else { return }
        case .waitingForReply(let pending): pending.abandon?()
        case .reading: break
        }
        releaseReservedAnswer()
        giveBackBytes(in: lane)
    }

    private func giveBackBytes(in lane: RequestMemory.Lane?) {
        intake = RequestIntake(frameByteCountMax: limits.requestBytesMax)
        if let lane {
            broker.memory.leave(lane, holding: chargedBytes)
            self.lane = nil
        }
        broker.memory.release(chargedBytes, in: nil)
        chargedBytes = 0
    }

    // MARK: Time

    private func scheduleTimer(_ context: ChannelHandlerContext) {
        timerIsQuick = intake.isInsideFrame || chargedAnswerBytes > 0
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: watch.interval(holdsMemory: timerIsQuick)) {
            self.timerFired(context)
        }
    }

    /// Memory is held from now on: check more often.
    private func scheduleTimerSooner(_ context: ChannelHandlerContext) {
        guard !timerIsQuick, timer != nil else { return }
        timer?.cancel()
        scheduleTimer(context)
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        var isReading = false
        if case .reading = phase { isReading = true }
        let buffered = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let finding = watch.check(
            now: context.eventLoop.now,
            isReading: isReading,
            awaitsBytes: isReadPending,
            requestBytes: intake.byteCount,
            unsentBytes: chargedAnswerBytes > 0 ? buffered + writer.pendingByteCount : nil,
            memoryIsShort: broker.memory.isShort
        )
        switch finding {
        case .fastEnough: scheduleTimer(context)
        case .idle: end(context, nil)
        case .requestTooSlow(let reason): end(context, reason)
        case .answersNotRead(let reason):
            logger.warning("connection closed", metadata: [LogKey.reason: "\(reason)"])
            finish()
            context.close(promise: nil)
        }
    }
}
