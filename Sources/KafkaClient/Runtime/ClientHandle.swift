import CRdKafka
import Dispatch

/// Owns one librdkafka client, the queue its events arrive on, and the wake-up for whoever reads them.
///
/// Everything that touches the client (calls, messages that are lent out) holds its handle, so librdkafka is torn down
/// exactly when nobody can touch it any more.
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
    /// Calls that wait for an answer of the cluster; several wait at once.
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
        calls = BlockingCalls(bootstrap: configuration.bootstrap)
        questions = BlockingCalls(bootstrap: configuration.bootstrap, lanes: Limits.questionsAtOnce)
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

    /// Signals `wakeUp` once, a little after `delay`: by then every clock agrees that it is over.
    func wake(after delay: Duration) {
        let nanoseconds = Int((delay + .milliseconds(20)) / .nanoseconds(1))
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [wakeUp] in
            wakeUp.signal()
        }
    }

    /// Whether a broker has ever answered with the cluster's metadata; does not block.
    var hasMetadata: Bool { rd_kafka_controllerid(client, 0) >= 0 }

    deinit {
        unwatch(events)
        rd_kafka_queue_destroy(events)
        // Joining librdkafka's threads may take a while: not on whatever thread happens to release the last reference.
        // The address travels as a number because pointers are not Sendable; nothing else refers to the client now.
        let address = UInt(bitPattern: client)
        DispatchQueue.global().async {
            guard let client = OpaquePointer(bitPattern: address) else { return }
            rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        }
    }
}
