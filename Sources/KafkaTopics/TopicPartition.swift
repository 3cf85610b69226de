/// One partition of one topic: the unit of order, of storage and of assignment in Kafka.
package struct TopicPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The topic's name.
    package let topic: String
    /// The partition's number, from 0.
    package let partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// `topic-partition`, as Kafka names the directory of a partition.
    package var description: String { "\(topic)-\(partition)" }

    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// Kafka's rules for a topic's name: 1 to 249 of the characters `a-z A-Z 0-9 . _ -`, and neither `.` nor `..`.
///
/// The name becomes part of a directory's name, so it is checked wherever it enters.
package enum TopicName {
    /// The read-only entry of a topic's configuration in which the embedded ingestor shows the topic's id. The id tells a
    /// topic from an earlier one of its name; librdkafka 2.0.2 has no call for it.
    package static let idConfiguration = "hera.topic.id"

    /// The topic in which Kafka keeps the offsets that groups have committed.
    package static let committedOffsets = "__consumer_offsets"

    /// Whether Kafka counts a topic of this name as its own.
    package static func isInternal(_ name: String) -> Bool {
        [committedOffsets, "__transaction_state"].contains(name)
    }

    /// The most characters a topic's name may have.
    package static let lengthMax = 249

    /// Why `name` is not a valid topic name, in words; `nil` where it is one.
    package static func problem(with name: String) -> String? {
        if name.isEmpty { return "the name of a topic cannot be empty" }
        if name == "." || name == ".." { return "'\(name)' cannot be the name of a topic" }
        if name.utf8.count > lengthMax {
            return "the name of a topic has at most \(lengthMax) characters, this one has \(name.utf8.count)"
        }
        guard name.utf8.allSatisfy(isLegal) else {
            return "the name of a topic has only letters a-z and A-Z, digits, '.', '_' and '-'"
        }
        return nil
    }

    /// The name as metrics have it: with underscores for dots. Kafka does not allow two topics that are the same there.
    package static func metricName(of name: String) -> String {
        String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    private static func isLegal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
