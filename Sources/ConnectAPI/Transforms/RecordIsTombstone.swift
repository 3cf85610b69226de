/// Holds for records whose value is null.
package struct RecordIsTombstone: Predicate {
    /// The names that `predicates.<alias>.type` may have.
    package static let classNames = [
        "RecordIsTombstone", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
    ]

    package init() {}

    package func holds(for records: SinkRecords, at index: Int) -> Bool {
        records.valueRanges[index].isNull
    }
}
