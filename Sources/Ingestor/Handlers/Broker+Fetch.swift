import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore
import NIOPosix

extension Broker {
    /// Reads batches. Where there is less than the client wants, it waits for more until its time is over: see `FetchWait`.
    ///
    /// A request of a fetch session (KIP-227) names what changes, and means all partitions of the session: see
    /// `FetchSessions`.
    func fetch(_ request: FetchRequest, _ context: RequestContext) -> Reply {
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        guard count <= configuration.limits.partitionsPerRequestMax else {
            return .now(Answer(FetchResponse(throttleMilliseconds: 0, errorCode: .invalidRequest)))
        }
        switch fetchSessions.course(of: request, version: context.version, now: .now()) {
        case .alone: return fetch(request, in: nil, context)
        case .inSession(let turn, let whole): return fetch(whole, in: turn, context)
        case .refused(let error): return .now(Answer(FetchResponse(throttleMilliseconds: 0, errorCode: error)))
        }
    }

    private func fetch(_ request: FetchRequest, in turn: FetchSessions.Turn?, _ context: RequestContext) -> Reply {
        let reading = FetchReading(
            request,
            version: context.version,
            topics: topics,
            byteCountMax: configuration.limits.fetchBytesMax
        )
        if reading.needsChecks { return checkedRead(reading, turn, context) }
        let first = reading.read(copiedBytesMax: copiedBytesMax)
        let wanted = min(Int(request.minByteCount), Int(request.maxByteCount))
        guard first.byteCount < wanted, !first.hasErrors, !request.topics.isEmpty,
            request.maxWaitMilliseconds > 0
        else { return .now(answer(first, turn)) }
        let limit = min(
            .milliseconds(Int64(request.maxWaitMilliseconds)),
            configuration.limits.fetchWaitMax
        )
        return wait(for: wanted - first.byteCount, seen: first.endOffsets, reading, turn, limit: limit, context)
    }

    private func answer(_ result: FetchReading.Result, _ turn: FetchSessions.Turn?) -> Answer {
        var response = result.response
        turn?.end(with: &response)
        return Answer(response, slices: result.slices)
    }

    /// Reads batches that an earlier version took unread, away from the event loop. There is nearly always something to
    /// read, so it does not wait; where there is not, the answer is delayed for a moment.
    private func checkedRead(
        _ reading: FetchReading,
        _ turn: FetchSessions.Turn?,
        _ context: RequestContext
    ) -> Reply {
        let eventLoop = context.eventLoop
        let pause = min(
            .milliseconds(Int64(max(0, reading.request.maxWaitMilliseconds))),
            configuration.limits.emptyCheckedFetchPause
        )
        let result = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            let result = reading.read(copiedBytesMax: self.copiedBytesMax)
            for (partition, batch) in result.damaged where batch.isNew {
                self.logger.error(
                    "a batch that an earlier version took unread cannot be read: consumers go on behind it",
                    metadata: [
                        LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
                        LogKey.offset: "\(batch.offsets.lowerBound) to \(batch.offsets.upperBound)",
                        LogKey.reason: "\(batch.reason)",
                    ]
                )
            }
            return (Reply.Settled.answer(self.answer(result, turn)), result.byteCount == 0)
        }
        let reply = result.flatMap { settled, isEmpty in
            guard isEmpty else { return eventLoop.makeSucceededFuture(settled) }
            return eventLoop.scheduleTask(in: pause) { settled }.futureResult
        }
        return .later(reply)
    }

    /// Where memory is short, records are sent from their files only.
    private var copiedBytesMax: Int {
        let usual = FetchReading.copiedBytesPerAnswerMax
        return memory.hasRoom(for: usual) ? usual : 0
    }

    private func wait(
        for byteCount: Int,
        seen: [Int64],
        _ reading: FetchReading,
        _ turn: FetchSessions.Turn?,
        limit: TimeAmount,
        _ context: RequestContext
    ) -> Reply {
        let isOfOffsets = reading.request.topics.contains { topics.isInternal($0.name) }
        let wait = FetchWait(
            bytesMissing: byteCount,
            limit: limit,
            isWokenLater: isOfOffsets,
            on: context.eventLoop
        )
        // A session names each partition once already.
        let compacted = turn == nil ? reading.compacted : reading
        let logs = compacted.existingLogs
        for log in logs { log.observers.add(wait) }
        // What was appended between the first read and now completes no wait: check once more.
        if zip(reading.existingLogs, seen).contains(where: { $0.endOffset != $1 }) { wait.finish() }
        let reply = wait.isOver.map { _ -> Reply.Settled in
            for log in logs { log.observers.remove(wait) }
            return .answer(self.answer(compacted.read(copiedBytesMax: self.copiedBytesMax), turn))
        }
        return .later(
            Reply.Pending(
                reply: reply,
                needsRequest: logs.count > configuration.limits.fetchWaitUnchargedPartitionsMax,
                abandon: { wait.finish() },
                completeNow: { wait.finish() }
            )
        )
    }
}
