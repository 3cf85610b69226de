import CommitLog
import KafkaProtocol
import Logging
import NIOCore
import NIOPosix

extension Broker {
    /// Appends batches to partitions. The answer tells what the log holds: with the flush policy `always` it comes after
    /// the batches are on disk, and the event loop does not wait for that. Nor does it decompress, as kilobytes can take
    /// tens of milliseconds, or append thousands of batches.
    func produce(_ request: ProduceRequest, _ context: RequestContext) -> Reply {
        if let problem = problem(with: request) { return refuse(request, with: problem) }
        let flushes = mustFlush(request)
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        let isShort = count <= configuration.limits.produceBatchesOnEventLoopMax
        guard flushes || !isShort || hasCompressedBatches(request) else { return Reply(append(request)) }
        let promise = context.eventLoop.makePromise(of: Reply.Settled.self)
        // Threads that wait for the disk, and threads that do nothing but compute: neither keeps the others waiting.
        appendInTurns(request, ProduceResponse(), promise, on: flushes ? threads : .singleton)
        return .later(promise.futureResult)
    }

    private func hasCompressedBatches(_ request: ProduceRequest) -> Bool {
        request.topics.contains { topic in
            topic.partitions.contains { partition in
                partition.records.map { RecordBatchHeader.isCompressed($0) } ?? false
            }
        }
    }

    /// Appends the batches that `response` has no answer to yet. After ``IngestorLimits/produceTurn`` others have their
    /// turn: a request can have thousands of small batches that decompress to megabytes each.
    private func appendInTurns(
        _ request: ProduceRequest,
        _ response: ProduceResponse,
        _ promise: EventLoopPromise<Reply.Settled>,
        on threads: NIOThreadPool
    ) {
        threads.submit { state in
            guard state == .active else { return promise.fail(ChannelError.ioOnClosedChannel) }
            let end = NIODeadline.now() + self.configuration.limits.produceTurn
            var response = response
            var place = max(0, response.topics.count - 1)
            while place < request.topics.count {
                let topic = request.topics[place]
                if response.topics.count == place { response.topics.append(.init(name: topic.name, partitions: [])) }
                for batch in topic.partitions[response.topics[place].partitions.count...] {
                    if NIODeadline.now() >= end { return self.appendInTurns(request, response, promise, on: threads) }
                    response.topics[place].partitions.append(
                        self.append(batch, to: topic.name, now: self.logClock())
                    )
                }
                place += 1
            }
            promise.succeed(self.settle(request, response))
        }
    }

    private func problem(with request: ProduceRequest) -> ErrorCode? {
        if !(-1...1).contains(request.acks) { return .invalidRequiredAcks }
        if request.transactionalID != nil { return .transactionalIDAuthorizationFailed }
        return nil
    }

    private func mustFlush(_ request: ProduceRequest) -> Bool {
        request.topics.contains { topic in
            topic.partitions.contains { partition in
                topics.partition(topic.name, partition.partition)?.log.configuration.flushPolicy == .always
            }
        }
    }

    private func refuse(_ request: ProduceRequest, with error: ErrorCode) -> Reply {
        var response = ProduceResponse()
        response.topics = request.topics.map { topic in
            ProduceResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { .init(partition: $0.partition, errorCode: error) }
            )
        }
        return Reply(settle(request, response))
    }

    private func append(_ request: ProduceRequest) -> Reply.Settled {
        let now = logClock()
        var response = ProduceResponse()
        response.topics.reserveCapacity(request.topics.count)
        for topic in request.topics {
            let partitions = topic.partitions.map { append($0, to: topic.name, now: now) }
            response.topics.append(ProduceResponse.Topic(name: topic.name, partitions: partitions))
        }
        return settle(request, response)
    }

    private func append(
        _ batch: ProduceRequest.Partition,
        to topic: String,
        now: Int64
    ) -> ProduceResponse.Partition {
        var answer = ProduceResponse.Partition(partition: batch.partition)
        guard let partition = topics.partition(topic, batch.partition) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        guard let records = batch.records, records.readableBytes > 0 else {
            answer.errorCode = .invalidRecord
            answer.errorMessage = "there is no record batch for \(topic)-\(batch.partition)"
            return answer
        }
        do throws(LogError) {
            let outcome = try partition.log.append(batch: records, now: now)
            if case .appended = outcome {
                partition.waits.appended(records.readableBytes)
                IngestorMetrics.appended(records.readableBytes)
            }
            answer.baseOffset = outcome.baseOffset
            answer.logStartOffset = partition.log.logStartOffset
        } catch {
            IngestorMetrics.batchRefused()
            answer.errorCode = ErrorCode(error.code)
            answer.errorMessage = error.description
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

    /// With `acks=0` nobody reads an answer; closing the connection is the only way to say that something went wrong.
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
