import CommitLog
import KafkaProtocol
import Logging
import NIOCore
import NIOPosix
import Synchronization

extension Broker {
    /// Appends batches to partitions. The answer tells what the log holds: with the flush policy `always` it comes after
    /// the batches are on disk, and the event loop does not wait for that. Nor does it compress or decompress, as kilobytes
    /// can take tens of milliseconds, or append thousands of batches.
    func produce(_ request: ProduceRequest, _ context: RequestContext) -> Reply {
        if let problem = problem(with: request) { return refuse(request, with: problem) }
        var request = request
        topics.name(&request.topics, version: context.version)
        let (logs, work, hasCompressedBatches) = targets(of: request)
        let flushes = work.contains(.flushes)
        let isShort = logs.count <= configuration.limits.produceBatchesOnEventLoopMax
        guard flushes || !isShort || work.contains(.compresses) || hasCompressedBatches else {
            var response = ProduceResponse()
            _ = append(request, to: logs, &response, until: nil)
            return Reply(settle(request, response))
        }
        let promise = context.eventLoop.makePromise(of: Reply.Settled.self)
        // Threads that wait for the disk, and threads that only compute: neither keeps the others waiting.
        appendInTurns(request, to: logs, ProduceResponse(), promise, on: flushes ? threads : .singleton)
        return .later(promise.futureResult)
    }

    /// Finds the log of each partition in a request, in its order (`nil`: the partition is unknown), and what work an append
    /// to them needs.
    private func targets(
        of request: ProduceRequest
    ) -> (logs: [PartitionLog?], work: AppendWork, hasCompressedBatches: Bool) {
        var logs: [PartitionLog?] = []
        logs.reserveCapacity(request.topics.reduce(0) { $0 + $1.partitions.count })
        var work = AppendWork()
        var hasCompressedBatches = false
        for topic in request.topics {
            for partition in topic.partitions {
                let log = topics.log(topic, partition.partition)
                if let log { work.formUnion(log.appendWork) }
                if let records = partition.records, RecordBatchHeader.isCompressed(records) {
                    hasCompressedBatches = true
                }
                logs.append(log)
            }
        }
        return (logs, work, hasCompressedBatches)
    }

    /// Appends the batches that `response` has no answer to yet. After ``IngestorLimits/produceTurn`` others have their
    /// turn: a request can have thousands of small batches that decompress to megabytes each.
    private func appendInTurns(
        _ request: ProduceRequest,
        to logs: [PartitionLog?],
        _ response: ProduceResponse,
        _ promise: EventLoopPromise<Reply.Settled>,
        on threads: NIOThreadPool
    ) {
        threads.submit { state in
            guard state == .active else { return promise.fail(ChannelError.ioOnClosedChannel) }
            let end = NIODeadline.now() + self.configuration.limits.produceTurn
            var response = response
            if self.append(request, to: logs, &response, until: end) {
                promise.succeed(self.settle(request, response))
            } else {
                self.appendInTurns(request, to: logs, response, promise, on: threads)
            }
        }
    }

    /// Appends the batches that `response` has no answer to yet, until a deadline.
    ///
    /// - Parameter logs: Those of the partitions in the request, in its order; `nil` where there is no such partition.
    /// - Returns: whether all are answered.
    private func append(
        _ request: ProduceRequest,
        to logs: [PartitionLog?],
        _ response: inout ProduceResponse,
        until end: NIODeadline?
    ) -> Bool {
        let now = logClock()
        var next = response.topics.reduce(0) { $0 + $1.partitions.count }
        var place = max(0, response.topics.count - 1)
        while place < request.topics.count {
            let topic = request.topics[place]
            if response.topics.count == place { response.topics.append(.init(name: topic.name, id: topic.id)) }
            for batch in topic.partitions[response.topics[place].partitions.count...] {
                if let end, NIODeadline.now() >= end { return false }
                response.topics[place].partitions.append(append(batch, of: topic, to: logs[next], now: now))
                next += 1
            }
            place += 1
        }
        return true
    }

    private func problem(with request: ProduceRequest) -> ErrorCode? {
        if !(-1...1).contains(request.acks) { return .invalidRequiredAcks }
        if request.transactionalID != nil { return .transactionalIDAuthorizationFailed }
        return nil
    }

    private func refuse(_ request: ProduceRequest, with error: ErrorCode) -> Reply {
        var response = ProduceResponse()
        response.topics = request.topics.map { topic in
            ProduceResponse.Topic(
                name: topic.name,
                id: topic.id,
                partitions: topic.partitions.map { .init(partition: $0.partition, errorCode: error) }
            )
        }
        return Reply(settle(request, response))
    }

    private func append(
        _ batch: ProduceRequest.Partition,
        of topic: ProduceRequest.Topic,
        to log: PartitionLog?,
        now: Int64
    ) -> ProduceResponse.Partition {
        var answer = ProduceResponse.Partition(partition: batch.partition)
        guard let log else {
            answer.errorCode = topic.isUnknownID ? .unknownTopicID : .unknownTopicOrPartition
            return answer
        }
        guard !topics.isInternal(topic.name) else {
            answer.errorCode = TopicRefusal.internalTopic.code
            answer.errorMessage = TopicRefusal.internalTopic.description
            return answer
        }
        guard let records = batch.records, records.readableBytes > 0 else {
            answer.errorCode = .invalidRecord
            answer.errorMessage = "there is no record batch for \(topic.name)-\(batch.partition)"
            return answer
        }
        do throws(LogError) {
            let outcome = try log.append(batch: records, now: now, timeOfDay: timeOfDay())
            if case .appended(let first, let last, _) = outcome {
                IngestorMetrics.appended(records.readableBytes, records: last - first + 1)
            }
            if storageFails.load(ordering: .relaxed) { storageFails.store(false, ordering: .relaxed) }
            answer.baseOffset = outcome.baseOffset
            answer.logAppendMilliseconds = outcome.time ?? -1
            answer.logStartOffset = log.logStartOffset
        } catch {
            IngestorMetrics.batchRefused()
            answer.errorCode = ErrorCode(error.code)
            if answer.errorCode == .kafkaStorageError { storageFails.store(true, ordering: .relaxed) }
            answer.errorMessage = error.description
            answer.recordErrors = error.records.map { .init(batchIndex: $0, message: error.description) }
        }
        return answer
    }

    /// Logs why batches were refused: the first few of a request, which can have thousands.
    private func logRefusals(_ response: ProduceResponse) {
        var count = 0
        for topic in response.topics {
            for partition in topic.partitions {
                guard let reason = partition.errorMessage else { continue }
                count += 1
                guard count <= configuration.limits.refusalsLoggedPerRequestMax else { continue }
                logger.warning(
                    "batch refused",
                    metadata: [
                        LogKey.topic: "\(topic.name)", LogKey.partition: "\(partition.partition)",
                        LogKey.reason: "\(reason)",
                    ]
                )
            }
        }
        let others = count - configuration.limits.refusalsLoggedPerRequestMax
        if others > 0 {
            logger.warning("further batches of the same request refused", metadata: [LogKey.batches: "\(others)"])
        }
    }

    /// With `acks=0` there is no answer; closing the connection is the only way to report a failure.
    private func settle(_ request: ProduceRequest, _ response: ProduceResponse) -> Reply.Settled {
        logRefusals(response)
        guard request.acks == 0 else { return .answer(Answer(response)) }
        for topic in response.topics {
            for partition in topic.partitions where partition.errorCode != .none {
                return .close(
                    "\(partition.errorCode) for \(topic.name)-\(partition.partition) without acknowledgements"
                )
            }
        }
        return .nothing
    }
}
