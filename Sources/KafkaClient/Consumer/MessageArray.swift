import CRdKafka

/// Messages that librdkafka has handed out at once, given back when the last batch made of them is gone.
///
/// `@unchecked Sendable`: nobody writes to the messages or the array between its filling in `init` and `deinit`.
final class MessageArray: @unchecked Sendable {
    typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

    private let messages: UnsafeMutablePointer<Message?>
    let count: Int
    /// Messages must not outlive the client they come from.
    private let handle: ClientHandle

    /// Takes what is in `queue` now, up to `capacity` messages, without waiting.
    init(from queue: OpaquePointer, capacity: Int, handle: ClientHandle) {
        messages = .allocate(capacity: capacity)
        messages.initialize(repeating: nil, count: capacity)
        count = max(0, Int(rd_kafka_consume_batch_queue(queue, 0, messages, capacity)))
        self.handle = handle
    }

    /// How many bytes the values have.
    var byteCount: Int {
        (0..<count).reduce(0) { sum, index in sum + self[index].pointee.len }
    }

    subscript(index: Int) -> Message {
        guard index < count, let message = messages[index] else {
            preconditionFailure("MessageArray: no message \(index) of \(count)")
        }
        return message
    }

    deinit {
        for index in 0..<count { rd_kafka_message_destroy(messages[index]) }
        messages.deallocate()
    }
}
