package import ConnectAPI
import KafkaTopics

/// Drops the records that it is applied to: those for which its predicate holds, or does not hold (`negate`).
package struct Filter: Transform {
    package static let plugin = Plugin<any Transform>(
        classNames: ["Filter", "org.apache.kafka.connect.transforms.Filter"]
    ) { _ in Filter() }

    package init() {}

    package func apply(to records: inout SinkRecords, _ selection: RecordSelection) -> [RecordFailure] {
        switch selection {
        case .all: records.removeRecords(.filtered) { _ in true }
        case .some(let indexes): records.removeRecords(at: indexes, .filtered)
        }
        return []
    }
}
