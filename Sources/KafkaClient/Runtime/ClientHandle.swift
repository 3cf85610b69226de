import CRdKafka
import Dispatch
import KafkaTopics

/// Owns one librdkafka client, the queue its events arrive on, and the wake-up of their reader.
///
/// Everything that uses the client (calls, lent messages) holds its handle, so librdkafka is destroyed with its last user.
///
/// `@unchecked Sendable`: librdkafka's client and queue are safe to use from any thread; all fields are constant.
final class ClientHandle: @unchecked Sendable {
    /// The client.
    let client: OpaquePointer
    /// The queue of events: errors, logs, delivery reports, rebalances.
    let events: OpaquePointer
    /// Signalled when the empty queue of events, or one more queue given to `watch`, receives something.
    let wakeUp = WakeUp()
    /// The addresses it was given, for messages.
    let bootstrap: [String]
    /// Calls that change the client, one after the other.
    let calls: BlockingCalls
    /// Calls that wait for an answer of the cluster; several at once.
    let questions: BlockingCalls

    /// - Parameter doing: what fails where this fails, for example `"make a Kafka producer"`.
    init(
        type: rd_kafka_type_t,
        properties: ClientProperties,
        events kinds: Int32,
        configuration: ClientConfiguration,
        doing: String
    ) throws(KafkaClientError) {
        let object = try properties.makeConfiguration(events: kinds | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        // On success the client owns the configuration.
        guard let client = rd_kafka_new(type, object, &text, text.count) else {
            rd_kafka_conf_destroy(object)
            throw KafkaClientError(
                .badConfiguration,
                "cannot \(doing): \(String(rdkafkaText: text)); correct the librdkafka properties"
            )
        }
        if type == RD_KAFKA_CONSUMER { rd_kafka_poll_set_consumer(client) }
        let queue = type == RD_KAFKA_CONSUMER ? rd_kafka_queue_get_consumer(client) : rd_kafka_queue_get_main(client)
        guard let queue else {
            rd_kafka_destroy(client)
            throw KafkaClientError(.refused, "cannot \(doing): librdkafka gives no queue of events")
        }
        rd_kafka_set_log_queue(client, queue)
        self.client = client
        self.events = queue
        bootstrap = configuration.bootstrap
        calls = BlockingCalls()
        questions = BlockingCalls(lanes: Limits.questionsAtOnce)
        watch(queue)
    }

    /// Signals `wakeUp` whenever something arrives on the empty `queue`.
    func watch(_ queue: OpaquePointer) {
        // Unretained: `deinit` stops the callbacks before the wake-up can go away.
        rd_kafka_queue_cb_event_enable(
            queue,
            { _, wakeUp in
                guard let wakeUp else { return }
                Unmanaged<WakeUp>.fromOpaque(wakeUp).takeUnretainedValue().signal()
            },
            Unmanaged.passUnretained(wakeUp).toOpaque()
        )
    }

    /// No callback comes for `queue` after this.
    func unwatch(_ queue: OpaquePointer) {
        rd_kafka_queue_cb_event_enable(queue, nil, nil)
    }

    /// Signals `wakeUp` once, a little after `delay`, so that it has passed by every clock.
    func wake(after delay: Duration) {
        let nanoseconds = Int((delay + .milliseconds(20)) / .nanoseconds(1))
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [wakeUp] in
            wakeUp.signal()
        }
    }

    /// Whether a broker has ever answered with the cluster's metadata; does not block.
    var hasMetadata: Bool {
        if rd_kafka_controllerid(client, 0) >= 0 { return true }
        // A cluster may be without a controller for a while.
        guard let id = rd_kafka_clusterid(client, 0) else { return false }
        rd_kafka_mem_free(client, id)
        return true
    }

    deinit {
        unwatch(events)
        rd_kafka_queue_destroy(events)
        // Joining librdkafka's threads blocks, so not on the thread that releases the last reference. The address is
        // passed as a number because pointers are not Sendable; nothing else refers to the client now.
        let address = UInt(bitPattern: client)
        DispatchQueue.global().async {
            guard let client = OpaquePointer(bitPattern: address) else { return }
            rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        }
    }
}

extension ClientHandle {
    /// The integer value of a librdkafka property of this client, default or not; `nil`: it is not an integer.
    func number(_ property: String) -> Int? {
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        var size = text.count
        guard rd_kafka_conf_get(rd_kafka_conf(client), property, &text, &size) == RD_KAFKA_CONF_OK else { return nil }
        return Int(String(rdkafkaText: text))
    }

    /// The error of a call's result; `nil` for success.
    func error(
        _ number: rd_kafka_resp_err_t,
        _ doing: String,
        _ partition: TopicPartition? = nil
    ) -> KafkaClientError? {
        guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaClientError(number, doing: doing, with: self, topicPartition: partition)
    }

    /// Throws where a call has failed.
    func check(
        _ number: rd_kafka_resp_err_t,
        _ doing: String,
        _ partition: TopicPartition? = nil
    ) throws(KafkaClientError) {
        if let error = error(number, doing, partition) { throw error }
    }

    /// The offset that `query` asks for of each partition. Blocks, for `Limits.requestTimeoutMilliseconds` at most.
    func offsets(
        of partitions: some Sequence<TopicPartition>,
        _ query: OffsetQuery
    ) throws(KafkaClientError) -> [TopicPartition: Int64] {
        // The list carries the times out and the offsets back; one request to each leader answers for all of them.
        let list = TopicPartitionList(Dictionary(partitions.map { ($0, query.timestamp) }) { first, _ in first })
        let number = rd_kafka_offsets_for_times(client, list.list, Limits.requestTimeoutMilliseconds)
        var offsets: [TopicPartition: Int64] = [:]
        var pastTheEnd: [TopicPartition] = []
        for entry in list.entries {
            try check(entry.error, "read the offsets of \(entry.partition)", entry.partition)
            if entry.offset >= 0 { offsets[entry.partition] = entry.offset } else { pastTheEnd.append(entry.partition) }
        }
        try check(number, "read offsets")
        guard case .time = query, !pastTheEnd.isEmpty else { return offsets }
        return offsets.merging(try self.offsets(of: pastTheEnd, .latest)) { first, _ in first }
    }

    /// The offset of the oldest record of a partition, and the one the next record will get. Blocks.
    ///
    /// Two questions with time limits: up to version 2.3 librdkafka's own for both ends goes on for as long as no broker
    /// is there.
    func watermarks(of partition: TopicPartition) throws(KafkaClientError) -> Range<Int64> {
        guard let low = try offsets(of: [partition], .earliest)[partition],
            let high = try offsets(of: [partition], .latest)[partition]
        else { throw KafkaClientError(.noOffset, "cannot read the offsets of \(partition): the broker named none") }
        return low..<max(low, high)
    }
}
