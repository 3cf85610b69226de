import ConnectRuntime
import KafkaClient
package import KafkaTopics

/// What lies in the dead letter queue, as its records' headers say.
///
/// A record may be there twice after a crash; it counts once.
package struct DeadLetters: Sendable {
    /// Bounds of what is remembered.
    package enum Limits {
        /// How many causes are told apart; the others are one cause.
        package static let causesMax = 100
        /// How many bytes of a cause's words are kept.
        package static let wordsBytesMax = 400
    }

    /// Why records were set aside.
    private struct Cause: Hashable {
        var stage: String
        var exception: String
        var message: String
    }

    /// The offsets of each partition that were set aside.
    package private(set) var offsets: [TopicPartition: Set<Int64>] = [:]
    /// Records that do not say where they come from.
    package private(set) var withoutPlace = 0
    /// Whether retention removed records of the queue.
    package var isIncomplete = false
    private var counts: [Cause: Int64] = [:]

    package init() {}

    /// Notes a record of the queue if `connector` put it there.
    package mutating func add(_ headers: [RecordHeader], connector: String) {
        var texts: [String: String] = [:]
        for header in headers where header.name.hasPrefix(DeadLetter.headerPrefix) {
            // A record that is set aside a second time carries the headers of the first time before its own.
            texts[String(header.name.dropFirst(DeadLetter.headerPrefix.count))] = header.value.map {
                String(decoding: $0.prefix(Limits.wordsBytesMax), as: UTF8.self)
            }
        }
        guard let topic = texts["topic"], let partition = texts["partition"].flatMap({ Int32($0) }),
            let offset = texts["offset"].flatMap({ Int64($0) })
        else {
            withoutPlace += 1
            return
        }
        guard texts["connector.name"] == nil || texts["connector.name"] == connector else { return }
        let place = TopicPartition(topic: topic, partition: partition)
        guard offsets[place, default: []].insert(offset).inserted else { return }
        var cause = Cause(
            stage: texts["stage"] ?? "",
            exception: texts["exception.class.name"] ?? "",
            message: texts["exception.message"] ?? ""
        )
        if counts[cause] == nil, counts.count >= Limits.causesMax {
            cause = Cause(stage: "", exception: "", message: "other causes")
        }
        counts[cause, default: 0] += 1
    }

    /// The causes, the most frequent first.
    package var causes: [DeadLetterCause] {
        counts.map { cause, count in
            DeadLetterCause(
                stage: cause.stage,
                exception: cause.exception,
                message: cause.message,
                records: count
            )
        }.sorted { ($1.records, $0.message, $0.stage, $0.exception) < ($0.records, $1.message, $1.stage, $1.exception) }
    }
}
