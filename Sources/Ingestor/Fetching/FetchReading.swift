import CommitLog
import KafkaProtocol
import KafkaTopics
import NIOCore

/// Reads what a fetch asks for, as often as it is told: once when the request comes, and again when it has waited.
struct FetchReading: Sendable {
    /// What one reading found.
    struct Result {
        var answer: Answer
        var byteCount = 0
        /// How many of these are in the answer itself, and not in slices.
        var copiedByteCount = 0
        var hasErrors = false
        /// Batches that no client could read, and that were left out.
        var damaged: [(partition: TopicPartition, batch: DamagedBatch)] = []
        /// Where the logs of ``FetchReading/partitions`` ended, in their order.
        var endOffsets: [Int64] = []
    }

    /// Record bytes of one partition up to which they are copied into the answer. Sending a part of a file costs system
    /// calls of its own.
    static let copiedBytesMax = 16 * 1024
    /// Record bytes of one answer up to which they are copied into it: what a client that reads slowly keeps in memory here.
    static let copiedBytesPerAnswerMax = 256 * 1024

    let request: FetchRequest
    private let topics: TopicCatalog
    private let byteCountMax: Int
    /// Whether batches are asked for that an earlier version took unread: reading decompresses them then.
    let needsChecks: Bool
    /// The partitions asked for that exist.
    let partitions: [Partition]

    init(_ request: FetchRequest, topics: TopicCatalog, byteCountMax: Int) {
        self.request = request
        self.topics = topics
        self.byteCountMax = byteCountMax
        var needsChecks = false
        partitions = request.topics.flatMap { topic in
            topic.partitions.compactMap { wanted in
                let partition = topics.partition(topic.name, wanted.partition)
                if let partition, wanted.fetchOffset < partition.log.uncheckedBelow { needsChecks = true }
                return partition
            }
        }
        self.needsChecks = needsChecks
    }

    /// The same for one that has to wait: it keeps what is needed to read, and nothing else of a request that may be large.
    /// What was asked for twice is answered once.
    var lean: FetchReading {
        var lean = request
        lean.forgottenTopics = []
        lean.rackID = ""
        var known: Set<TopicPartition> = []
        lean.topics = request.topics.compactMap { topic in
            let partitions = topic.partitions.filter {
                known.insert(TopicPartition(topic: topic.name, partition: $0.partition)).inserted
            }
            return partitions.isEmpty ? nil : FetchRequest.Topic(name: topic.name, partitions: partitions)
        }
        return FetchReading(lean, topics: topics, byteCountMax: byteCountMax)
    }

    /// Reads every partition from its offset on, until the answer has as many bytes as it may.
    ///
    /// - Parameter copiedBytesMax: How many record bytes may be copied into the answer; the others are sent from their files.
    func read(copiedBytesMax: Int = Self.copiedBytesPerAnswerMax) -> Result {
        var response = FetchResponse()
        var slices: [LogSlice] = []
        var result = Result(answer: Answer(response))
        let limit = min(Int(request.maxByteCount), byteCountMax)
        response.topics.reserveCapacity(request.topics.count)
        for topic in request.topics {
            var answered = FetchResponse.Topic(name: topic.name)
            answered.partitions.reserveCapacity(topic.partitions.count)
            for wanted in topic.partitions {
                answered.partitions.append(
                    read(wanted, of: topic.name, left: limit - result.byteCount, copiedBytesMax, &slices, &result)
                )
            }
            response.topics.append(answered)
        }
        result.answer = Answer(response, slices: slices)
        return result
    }

    private func read(
        _ wanted: FetchRequest.Partition,
        of topic: String,
        left: Int,
        _ copiedBytesMax: Int,
        _ slices: inout [LogSlice],
        _ result: inout Result
    ) -> FetchResponse.Partition {
        guard let partition = topics.partition(topic, wanted.partition) else {
            result.hasErrors = true
            return FetchResponse.Partition(
                partition: wanted.partition,
                errorCode: .unknownTopicOrPartition,
                abortedTransactions: request.isolationLevel == 0 ? nil : []
            )
        }
        let end = partition.log.endOffset
        result.endOffsets.append(end)
        var answer = FetchResponse.Partition(
            partition: wanted.partition,
            highWatermark: end,
            lastStableOffset: end,
            logStartOffset: partition.log.logStartOffset,
            abortedTransactions: request.isolationLevel == 0 ? nil : []
        )
        if let problem = LeaderEpoch.problem(with: wanted.currentLeaderEpoch) {
            result.hasErrors = true
            answer.errorCode = problem
            return answer
        }
        do throws(LogError) {
            // The first batch of an answer comes whole however large it is, or its reader could never go on (KIP-74).
            let room = max(0, min(Int(wanted.maxByteCount), left))
            if room == 0, result.byteCount > 0 { return answer }
            guard var slice = try partition.log.read(from: wanted.fetchOffset, maxBytes: room) else { return answer }
            if slice.baseOffset < partition.log.uncheckedBelow {
                switch try partition.log.checked(slice) {
                case .right(let part): slice = part
                case .replaced(let empty, let batch):
                    result.damaged.append((TopicPartition(topic: topic, partition: wanted.partition), batch))
                    result.byteCount += empty.readableBytes
                    answer.records = .bytes(empty)
                    return answer
                }
            }
            if slice.length > room, result.byteCount > 0 { return answer }
            let copied = result.copiedByteCount + slice.length
            if slice.length <= Self.copiedBytesMax, copied <= copiedBytesMax {
                answer.records = .bytes(try slice.bytes())
                result.copiedByteCount = copied
            } else {
                answer.records = .external(byteCount: slice.length)
                slices.append(slice)
            }
            result.byteCount += slice.length
            // What was read may have been appended since the end was asked for.
            answer.highWatermark = max(end, partition.log.endOffset)
            answer.lastStableOffset = answer.highWatermark
        } catch {
            result.hasErrors = true
            answer.errorCode = ErrorCode(error.code)
        }
        return answer
    }
}
