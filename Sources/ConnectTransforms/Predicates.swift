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
