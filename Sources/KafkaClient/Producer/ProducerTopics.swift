import CRdKafka
import KafkaTopics
import Synchronization

/// librdkafka's topic objects of one producer, one for each topic that was ever sent to.
///
/// `@unchecked Sendable`: the objects are safe to use from any thread, and the table is behind a lock.
final class ProducerTopics: @unchecked Sendable {
    private struct Table {
        var objects: [String: OpaquePointer] = [:]
        var names: [OpaquePointer: String] = [:]
    }

    private let handle: ClientHandle
    private let lock = Mutex(())
    private var table = Table()

    init(_ handle: ClientHandle) {
        self.handle = handle
    }

    /// The topic object of `name`, made on first use; valid as long as this table.
    func object(of name: String) throws(KafkaClientError) -> OpaquePointer {
        try lock.withLock { _ throws(KafkaClientError) -> OpaquePointer in
            if let known = table.objects[name] { return known }
            if let problem = TopicName.problem(with: name) {
                throw KafkaClientError(.badRequest, "cannot send to the topic '\(name)': \(problem)")
            }
            guard let object = rd_kafka_topic_new(handle.client, name, nil) else {
                throw KafkaClientError(
                    rd_kafka_last_error(),
                    doing: "send to the topic '\(name)'",
                    bootstrap: handle.bootstrap
                )
            }
            table.objects[name] = object
            table.names[object] = name
            return object
        }
    }

    /// The name of a topic object that came back with a record.
    func name(of object: OpaquePointer) -> String {
        lock.withLock { _ in
            table.names[object] ?? String(cString: rd_kafka_topic_name(object))
        }
    }

    deinit {
        for object in table.objects.values { rd_kafka_topic_destroy(object) }
    }
}
