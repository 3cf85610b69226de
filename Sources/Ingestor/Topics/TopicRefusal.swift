import CommitLog
import KafkaProtocol

/// Why a topic is not created or deleted: Kafka's code, and a message.
struct TopicRefusal: Error, CustomStringConvertible {
    let code: ErrorCode
    let description: String

    init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ error: LogError) {
        self.init(ErrorCode(error.code), error.description)
    }
}
