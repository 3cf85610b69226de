import CommitLog
import KafkaProtocol
import PlainText

/// Why a topic is not created or deleted: Kafka's code, and a message. The message does not repeat the topic's name, which
/// the answer has beside it: a request can name 100,000 topics.
struct TopicRefusal: Error, CustomStringConvertible {
    private static let byteCountMax = 1_000

    let code: ErrorCode
    let description: String

    init(_ code: ErrorCode, _ description: String) {
        self.code = code
        // A setting's name or value may be in it, of any length and with any characters.
        let start = String(decoding: description.utf8.prefix(Self.byteCountMax), as: UTF8.self)
        self.description = PrintableText.escaping(start)
    }

    init(_ error: LogError) {
        self.init(ErrorCode(error.code), error.description)
    }
}
