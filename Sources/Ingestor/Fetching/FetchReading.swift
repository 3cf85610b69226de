import CommitLog
import KafkaProtocol
import KafkaTopics
import NIOCore

/// Reads what a fetch asks for: once when the request arrives, and again after it has waited.
struct FetchReading: Sendable {
    /// What one reading found.
    struct Result {
        var response = FetchResponse()
        /// The records that are sent from their files.
        var slices: [LogSlice] = []
        var byteCount = 0
        /// How many of these are in the answer itself, and not in slices.
        var copiedByteCount = 0
        var hasErrors = false
        /// Batches that no client could read, and that were left out.
        var damaged: [(partition: TopicPartition, batch: DamagedBatch)] = []
        /// Where the logs of ``FetchReading/existingLogs`` ended, in their order.
        var endOffsets: [Int64] = []
    }

    /// Record bytes of one partition up to which they are copied into the answer. Sending a part of a file costs system
    /// calls of its own.
    static let copiedBytesMax = 16 * 1024
    /// Record bytes of one answer up to which they are copied into it: what a client that reads slowly keeps in memory here.
    static let copiedBytesPerAnswerMax = 256 * 1024

    /// Requests before this version come from clients that fail at an answer without a record: kafka-python 2.0.2 does.
    private static let recordlessAnswersFrom: Int16 = 5

    let request: FetchRequest
    private let version: Int16
    private let byteCountMax: Int
    /// The logs of the partitions in the request, in its order; `nil` where there is no such partition.
    private let logs: [PartitionLog?]

    init(_ request: FetchRequest, version: Int16, topics: TopicCatalog, byteCountMax: Int) {
        var request = request
        topics.name(&request.topics, version: version)
        let logs = request.topics.flatMap { topic in topic.partitions.map { topics.log(topic, $0.partition) } }
        self.init(request, logs, version: version, byteCountMax: byteCountMax)
    }

    private init(_ request: FetchRequest, _ logs: [PartitionLog?], version: Int16, byteCountMax: Int) {
        self.request = request
        self.logs = logs
        self.version = version
        self.byteCountMax = byteCountMax
    }

    /// The logs of the partitions that exist.
    var existingLogs: [PartitionLog] { logs.compactMap { $0 } }

    /// Whether batches are asked for that an earlier version took unread: reading decompresses them then.
    var needsChecks: Bool {
        var next = logs.startIndex
        for topic in request.topics {
            for wanted in topic.partitions {
                if let log = logs[next], wanted.fetchOffset < log.uncheckedBelow { return true }
                next += 1
            }
        }
        return false
    }

    /// The same for a fetch that has to wait: it keeps what is needed to read, and nothing else of a request that may be
    /// large. What was asked for twice is answered once.
    var compacted: FetchReading {
        var compacted = request
        compacted.forgottenTopics = []
        compacted.rackID = ""
        compacted.topics = []
        var kept: [PartitionLog?] = []
        var known: Set<TopicPartition> = []
        var unknownIDs: [KafkaUUID: Set<Int32>] = [:]
        var next = logs.startIndex
        for topic in request.topics {
            var partitions: [FetchRequest.Partition] = []
            for wanted in topic.partitions {
                let isNew =
                    topic.isUnknownID
                    ? unknownIDs[topic.id, default: []].insert(wanted.partition).inserted
                    : known.insert(TopicPartition(topic: topic.name, partition: wanted.partition)).inserted
                if isNew {
                    partitions.append(wanted)
                    kept.append(logs[next])
                }
                next += 1
            }
            if !partitions.isEmpty {
                compacted.topics.append(.init(name: topic.name, id: topic.id, partitions: partitions))
            }
        }
        return FetchReading(compacted, kept, version: version, byteCountMax: byteCountMax)
    }

    /// Reads every partition from its offset on, until the answer has as many bytes as it may.
    ///
    /// - Parameter copiedBytesMax: How many record bytes may be copied into the answer; the others are sent from their files.
    func read(copiedBytesMax: Int = Self.copiedBytesPerAnswerMax) -> Result {
        var result = Result()
        let limit = min(Int(request.maxByteCount), byteCountMax)
        result.response.topics.reserveCapacity(request.topics.count)
        var next = logs.startIndex
        for topic in request.topics {
            var answered = FetchResponse.Topic(name: topic.name, id: topic.id)
            answered.partitions.reserveCapacity(topic.partitions.count)
            for wanted in topic.partitions {
                let left = limit - result.byteCount
                answered.partitions.append(
                    read(wanted, logs[next], topic, left: left, copiedBytesMax, &result)
                )
                next += 1
            }
            result.response.topics.append(answered)
        }
        return result
    }

    private func read(
        _ wanted: FetchRequest.Partition,
        _ log: PartitionLog?,
        _ topic: FetchRequest.Topic,
        left: Int,
        _ copiedBytesMax: Int,
        _ result: inout Result
    ) -> FetchResponse.Partition {
        guard let log else {
            return unknown(wanted, topic.isUnknownID ? .unknownTopicID : .unknownTopicOrPartition, &result)
        }
        let end = log.endOffset
        result.endOffsets.append(end)
        var answer = FetchResponse.Partition(
            partition: wanted.partition,
            highWatermark: end,
            lastStableOffset: end,
            logStartOffset: log.logStartOffset,
            abortedTransactions: request.isolationLevel == 0 ? nil : []
        )
        if let problem = log.problem(withLeaderEpoch: wanted.currentLeaderEpoch) {
            result.hasErrors = true
            answer.errorCode = problem
            return answer
        }
        if wanted.lastFetchedEpoch >= 0, let part = parting(wanted, log, &answer) {
            result.hasErrors = true
            return part
        }
        do throws(LogError) {
            // The first batch of an answer is complete however large it is, or its reader could never continue (KIP-74).
            let room = max(0, min(Int(wanted.maxByteCount), left))
            if room == 0, result.byteCount > 0 { return answer }
            let slice: LogSlice
            let name = TopicPartition(topic: topic.name, partition: wanted.partition)
            switch try batches(from: wanted.fetchOffset, of: log, name, maxBytes: room, &result) {
            case .none: return answer
            case .copied(let bytes):
                result.byteCount += bytes.readableBytes
                result.copiedByteCount += bytes.readableBytes
                answer.records = .bytes(bytes)
                return answer
            case .slice(let found): slice = found
            }
            if slice.length > room, result.byteCount > 0 { return answer }
            let copied = result.copiedByteCount + slice.length
            if slice.length <= Self.copiedBytesMax, copied <= copiedBytesMax {
                answer.records = .bytes(try slice.bytes())
                result.copiedByteCount = copied
            } else {
                answer.records = .external(byteCount: slice.length)
                result.slices.append(slice)
            }
            result.byteCount += slice.length
            // What was read may have been appended since the end was asked for.
            answer.highWatermark = max(end, log.endOffset)
            answer.lastStableOffset = answer.highWatermark
        } catch {
            // Deleted since it was looked up.
            if error.code == .closed {
                return unknown(wanted, topic.id == .zero ? .unknownTopicOrPartition : .unknownTopicID, &result)
            }
            result.hasErrors = true
            answer.errorCode = ErrorCode(error.code)
        }
        return answer
    }

    private func unknown(
        _ wanted: FetchRequest.Partition,
        _ error: ErrorCode,
        _ result: inout Result
    ) -> FetchResponse.Partition {
        result.hasErrors = true
        return FetchResponse.Partition(
            partition: wanted.partition,
            errorCode: error,
            abortedTransactions: request.isolationLevel == 0 ? nil : []
        )
    }

    /// The answer to a reader whose last record is not of this log; `nil` where it may read on (KIP-595).
    private func parting(
        _ wanted: FetchRequest.Partition,
        _ log: PartitionLog,
        _ answer: inout FetchResponse.Partition
    ) -> FetchResponse.Partition? {
        guard let end = log.end(ofEpoch: wanted.lastFetchedEpoch), wanted.fetchOffset >= log.logStartOffset else {
            answer.errorCode = .offsetOutOfRange
            return answer
        }
        guard end.epoch < wanted.lastFetchedEpoch || end.endOffset < wanted.fetchOffset else { return nil }
        answer.divergingEpoch = .init(epoch: end.epoch, endOffset: end.endOffset)
        return answer
    }

    private enum Batches {
        case none
        case slice(LogSlice)
        /// Batches that are not in the log as they are sent, with some that follow them.
        case copied(ByteBuffer)
    }

    /// The batches from an offset on, with others in the place of those that no client can read.
    ///
    /// Batches without a record are followed by some that have one: an older client would fail at them alone. At the end
    /// of the log it is answered nothing until a record is there.
    private func batches(
        from offset: Int64,
        of log: PartitionLog,
        _ name: TopicPartition,
        maxBytes: Int,
        _ result: inout Result
    ) throws(LogError) -> Batches {
        let needsRecords = version < Self.recordlessAnswersFrom
        var copied = ByteBuffer()
        var next = offset
        while copied.readableBytes <= Self.copiedBytesPerAnswerMax {
            let isFirst = copied.readableBytes == 0
            guard var slice = try log.read(from: next, maxBytes: isFirst ? maxBytes : Self.copiedBytesMax) else {
                break
            }
            if slice.baseOffset < log.uncheckedBelow {
                switch try log.checked(slice) {
                case .right(let part): slice = part
                case .replaced(var empty, let batch):
                    result.damaged.append((name, batch))
                    copied.writeBuffer(&empty)
                    next = batch.offsets.upperBound + 1
                    continue
                }
            }
            if isFirst, !needsRecords { return .slice(slice) }
            guard let end = try slice.endWithoutRecords() else {
                if isFirst { return .slice(slice) }
                try slice.read(into: &copied)
                return .copied(copied)
            }
            try slice.read(into: &copied)
            next = end
        }
        return needsRecords || copied.readableBytes == 0 ? .none : .copied(copied)
    }
}
