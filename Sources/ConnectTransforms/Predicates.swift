package import ConnectAPI
import KafkaTopics

/// Holds for records whose value is null.
package struct RecordIsTombstone: Predicate {
    package static let plugin = Plugin<any Predicate>(
        classNames: ["RecordIsTombstone", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone"]
    ) { _ in RecordIsTombstone() }

    package init() {}

    package func selection(of records: SinkRecords) -> RecordSelection {
        .some(records.nullValueIndexes)
    }
}

/// Holds for records that have a header of this name.
package struct HasHeaderKey: Predicate {
    package static let plugin = Plugin<any Predicate>(
        classNames: ["HasHeaderKey", "org.apache.kafka.connect.transforms.predicates.HasHeaderKey"],
        definitions: ConfigurationDefinitions([
            .required("name", .string, .notEmpty, "The header's name.")
        ])
    ) { values in HasHeaderKey(values.text("name")) }

    private let name: String

    package init(_ name: String) {
        self.name = name
    }

    package func selection(of records: SinkRecords) -> RecordSelection {
        guard !records.headers.isEmpty else { return .none }
        return RecordSelection(from: records) { index in
            records.headers[records.offsets[index]]?.contains { $0.name == name } == true
        }
    }
}

/// Holds for records whose topic matches a regular expression from end to end.
package struct TopicNameMatches: Predicate {
    package static let plugin = Plugin<any Predicate>(
        classNames: ["TopicNameMatches", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches"],
        definitions: ConfigurationDefinitions([
            .required(
                "pattern",
                .string,
                ConfigurationRule { (try? Regex($0)) == nil ? "is not a regular expression" : nil },
                "What a topic has to match, from its first to its last character."
            )
        ])
    ) { values throws(ConfigurationError) in
        do {
            return TopicNameMatches(try Regex(values.text("pattern")).matchingSemantics(.unicodeScalar))
        } catch {
            let message = "'\(values.text("pattern"))' is not a regular expression"
            throw ConfigurationError([ConfigurationProblem(key: "pattern", message: message)])
        }
    }

    private let pattern: Regex<AnyRegexOutput>

    package init(_ pattern: Regex<AnyRegexOutput>) {
        self.pattern = pattern
    }

    package func selection(of records: SinkRecords) -> RecordSelection {
        // A batch has few topics.
        var known: [String: Bool] = [:]
        return RecordSelection(from: records) { index in
            let topic = records.topic(at: index)
            if let known = known[topic] { return known }
            let holds = (try? pattern.wholeMatch(in: topic)) != nil
            known[topic] = holds
            return holds
        }
    }
}
