import CRdKafka
import KafkaTopics

/// One call of a consumer into librdkafka: what it reads, and what its group has. Most calls block.
struct ConsumerRequest {
    private let handle: ClientHandle

    init(_ handle: ClientHandle) {
        self.handle = handle
    }

    // MARK: What is read

    /// Reads exactly these partitions, each from its position.
    func assign(_ partitions: [TopicPartition: StartPosition]) throws(KafkaClientError) {
        let list = TopicPartitionList(partitions.mapValues(\.number))
        try handle.check(rd_kafka_assign(handle.client, list.list), "read partitions")
    }

    /// Fetches the metadata of topics before offsets are looked up: without it librdkafka retries only after half a
    /// second. A failure only costs that delay.
    func learn(_ topics: Set<String>) {
        for topic in topics {
            guard let object = rd_kafka_topic_new(handle.client, topic, nil) else { return }
            defer { rd_kafka_topic_destroy(object) }
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let number = rd_kafka_metadata(handle.client, 0, object, &metadata, Limits.learningTimeoutMilliseconds)
            guard number == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return }
            rd_kafka_metadata_destroy(metadata)
        }
    }

    /// Gives partitions up and waits until librdkafka has stopped reading them.
    ///
    /// librdkafka drops a partition's queue redirection when it stops reading, some time after the call: a partition
    /// assigned again at once would lose the redirection, and its records with it. A seek is queued behind the stop, so
    /// its answer (an error, since the partition is no longer read) means that the stop is done.
    func stop(_ partitions: Set<TopicPartition>) {
        rd_kafka_assign(handle.client, nil)
        let list = TopicPartitionList(Dictionary(partitions.map { ($0, 0) }) { first, _ in first })
        let error = rd_kafka_seek_partitions(handle.client, list.list, Limits.requestTimeoutMilliseconds)
        if let error { rd_kafka_error_destroy(error) }
    }

    /// Continues reading a partition from another position; blocks until its leader's thread knows.
    func seek(_ partition: TopicPartition, to position: StartPosition, _ doing: String) throws(KafkaClientError) {
        let list = TopicPartitionList([partition: position.number])
        let failure = KafkaClientError(
            taking: rd_kafka_seek_partitions(handle.client, list.list, Limits.requestTimeoutMilliseconds),
            doing: doing,
            with: handle
        )
        if let failure { throw failure }
        for entry in list.entries { try handle.check(entry.error, doing, entry.partition) }
    }

    /// Tells librdkafka that the receiver is done with a rebalance.
    func finish(
        _ rebalance: ConsumerState.Rebalance,
        _ starts: [TopicPartition: StartPosition]
    ) -> KafkaClientError? {
        let doing = "take part in the group's rebalance"
        switch rebalance {
        case .assign(let partitions, let isIncremental):
            let offsets = partitions.map { ($0, (starts[$0] ?? .committed).number) }
            let list = TopicPartitionList(Dictionary(offsets) { first, _ in first })
            guard isIncremental else { return handle.error(rd_kafka_assign(handle.client, list.list), doing) }
            let error = rd_kafka_incremental_assign(handle.client, list.list)
            return KafkaClientError(taking: error, doing: doing, with: handle)
        case .unassign(let partitions, let isIncremental):
            guard isIncremental else { return handle.error(rd_kafka_assign(handle.client, nil), doing) }
            let list = TopicPartitionList(partitions)
            let error = rd_kafka_incremental_unassign(handle.client, list.list)
            return KafkaClientError(taking: error, doing: doing, with: handle)
        }
    }

    // MARK: Offsets

    /// Commits and blocks for the answer. `rd_kafka_commit` has no time limit, and closing the consumer would wait for
    /// it too.
    func commit(_ offsets: [TopicPartition: Int64], within milliseconds: Int32) throws(KafkaClientError) {
        let doing = "commit offsets"
        guard let answers = rd_kafka_queue_new(handle.client) else {
            throw KafkaClientError(.refused, "cannot \(doing): librdkafka gives no queue for the answer")
        }
        // An answer that comes later is dropped with the queue.
        defer { rd_kafka_queue_destroy(answers) }
        try beginCommit(offsets, answers: answers)
        guard let answer = rd_kafka_queue_poll(answers, milliseconds) else {
            try handle.check(RD_KAFKA_RESP_ERR__TIMED_OUT, doing)
            return
        }
        defer { rd_kafka_event_destroy(answer) }
        if let error = Self.refusal(in: answer, handle) { throw error }
    }

    /// Sends a commit whose answer will be in the queue `answers`; waits for nothing.
    func beginCommit(_ offsets: [TopicPartition: Int64], answers: OpaquePointer) throws(KafkaClientError) {
        let list = TopicPartitionList(offsets)
        try handle.check(rd_kafka_commit_queue(handle.client, list.list, answers, nil, nil), "commit offsets")
    }

    /// The answer to a commit that is in `answers`; `nil` where none is.
    func takeCommitAnswer(from answers: OpaquePointer) -> KafkaConsumerEvent? {
        guard let answer = rd_kafka_queue_poll(answers, 0) else { return nil }
        defer { rd_kafka_event_destroy(answer) }
        let error = Self.refusal(in: answer, handle)
        // Where one partition was refused, none counts as committed; all are sent again.
        if error?.topicPartition != nil { return .committed([:], error) }
        let taken = TopicPartitionList.entries(of: rd_kafka_event_topic_partition_list(answer))
            .filter { $0.error == RD_KAFKA_RESP_ERR_NO_ERROR }
            .map { ($0.partition, $0.offset) }
        return .committed(Dictionary(taken) { first, _ in first }, error)
    }

    /// Why a commit was refused: the error of a partition, which is more specific, or else that of the request.
    private static func refusal(in answer: OpaquePointer, _ handle: ClientHandle) -> KafkaClientError? {
        for entry in TopicPartitionList.entries(of: rd_kafka_event_topic_partition_list(answer)) {
            if let error = handle.error(entry.error, "commit \(entry.partition)", entry.partition) { return error }
        }
        return handle.error(rd_kafka_event_error(answer), "commit offsets")
    }

    /// The group's committed offsets of these partitions; those without one are missing. Blocks for the answer.
    func committed(_ partitions: some Sequence<TopicPartition>) throws(KafkaClientError) -> [TopicPartition: Int64] {
        let list = TopicPartitionList(partitions)
        let number = rd_kafka_committed(handle.client, list.list, Limits.requestTimeoutMilliseconds)
        try handle.check(number, "read committed offsets")
        var offsets: [TopicPartition: Int64] = [:]
        for entry in list.entries {
            try handle.check(entry.error, "read the committed offset of \(entry.partition)", entry.partition)
            if entry.offset >= 0 { offsets[entry.partition] = entry.offset }
        }
        return offsets
    }
}
