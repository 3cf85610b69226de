import CRdKafka
package import KafkaTopics
import Synchronization

extension KafkaConsumer {
    /// Commits the offsets of the next record to read to the group, and returns when the group has them.
    ///
    /// - Throws: `groupChanged` where the partition is another member's by now; `coordinatorUnavailable`,
    ///   `brokersUnreachable`; `timedOut` after `milliseconds`: then it may still take effect.
    package func commit(
        _ offsets: [TopicPartition: Int64],
        within milliseconds: Int32 = Limits.requestTimeoutMilliseconds
    ) async throws(KafkaClientError) {
        guard !offsets.isEmpty else { return }
        try requireGroup("commit offsets")
        try await handle.questions.run("commit offsets") { [handle] () throws(KafkaClientError) in
            try Self.commit(TopicPartitionList(offsets), with: handle, within: milliseconds)
        }
    }

    /// Asks the group to take the offsets of the next record to read, and waits for nothing: the answer comes as a
    /// `.committed` event.
    package func beginCommit(_ offsets: [TopicPartition: Int64]) throws(KafkaClientError) {
        guard !offsets.isEmpty else { return }
        try requireGroup("commit offsets")
        let list = TopicPartitionList(offsets)
        try handle.check(
            rd_kafka_commit_queue(handle.client, list.list, queues.commits, nil, nil),
            "commit offsets"
        )
    }

    /// The answer to a commit that has come; waits for nothing.
    func takeCommit() -> KafkaConsumerEvent? {
        guard let answer = rd_kafka_queue_poll(queues.commits, 0) else { return nil }
        defer { rd_kafka_event_destroy(answer) }
        let entries = TopicPartitionList.entries(of: rd_kafka_event_topic_partition_list(answer))
        let refused = entries.lazy.compactMap { entry in
            self.handle.error(entry.error, "commit \(entry.partition)", entry.partition)
        }.first
        let offsets = entries.filter { $0.error == RD_KAFKA_RESP_ERR_NO_ERROR }.map { ($0.partition, $0.offset) }
        let taken = Dictionary(offsets) { first, _ in first }
        // The error of one partition says more than the one of the whole.
        guard let error = refused ?? handle.error(rd_kafka_event_error(answer), "commit offsets") else {
            return .committed(taken, nil)
        }
        return .committed(refused == nil ? [:] : taken, error)
    }

    /// Commits and waits for the answer. `rd_kafka_commit` would wait for it without end, and closing with it.
    private static func commit(
        _ list: consuming TopicPartitionList,
        with handle: ClientHandle,
        within milliseconds: Int32
    ) throws(KafkaClientError) {
        let doing = "commit offsets"
        guard let answers = rd_kafka_queue_new(handle.client) else {
            throw KafkaClientError(.refused, "cannot \(doing): librdkafka gives no queue for the answer")
        }
        // An answer that comes later goes nowhere.
        defer { rd_kafka_queue_destroy(answers) }
        try handle.check(rd_kafka_commit_queue(handle.client, list.list, answers, nil, nil), doing)
        guard let answer = rd_kafka_queue_poll(answers, milliseconds) else {
            try handle.check(RD_KAFKA_RESP_ERR__TIMED_OUT, doing)
            return
        }
        defer { rd_kafka_event_destroy(answer) }
        // The error of one partition says more than the one of the whole.
        for entry in TopicPartitionList.entries(of: rd_kafka_event_topic_partition_list(answer)) {
            try handle.check(entry.error, "commit \(entry.partition)", entry.partition)
        }
        try handle.check(rd_kafka_event_error(answer), doing)
    }

    /// The group's committed offsets of these partitions; those without one are missing.
    ///
    /// - Throws: `closed` once the consumer is being shut down: librdkafka answers no such question then.
    package func committed(
        _ partitions: some Collection<TopicPartition> & Sendable
    ) async throws(KafkaClientError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        try requireGroup("read committed offsets")
        guard state.withLock({ $0.phase }) == .open else { throw .closed("read committed offsets") }
        return try await handle.questions.run("read committed offsets") {
            [handle] () throws(KafkaClientError) -> [TopicPartition: Int64] in
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

    /// The offset of the oldest record, and the one the next record will get.
    package func watermarks(of partition: TopicPartition) async throws(KafkaClientError) -> Range<Int64> {
        let doing = "read the offsets of \(partition)"
        return try await handle.questions.run(doing) { [handle] () throws(KafkaClientError) -> Range<Int64> in
            try handle.watermarks(of: partition, doing: doing)
        }
    }

    /// The offset that the next record of `partition` will get, as the last fetched answer said; `nil` before there was
    /// one. Asks nobody.
    package func highWatermark(of partition: TopicPartition) -> Int64? {
        var low: Int64 = -1
        var high: Int64 = -1
        let number = rd_kafka_get_watermark_offsets(
            handle.client,
            partition.topic,
            partition.partition,
            &low,
            &high
        )
        return number == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    private func requireGroup(_ doing: String) throws(KafkaClientError) {
        guard configuration.group == nil else { return }
        throw KafkaClientError(.badConfiguration, "cannot \(doing): the consumer has no group; give it one")
    }
}
