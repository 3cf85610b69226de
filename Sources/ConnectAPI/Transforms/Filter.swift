/// Drops the records for which its predicate holds, or does not hold (`negate`); every record without a predicate.
package struct Filter: Transform {
    /// The names that `transforms.<alias>.type` may have.
    package static let classNames = ["Filter", "org.apache.kafka.connect.transforms.Filter"]

    private let predicate: (any Predicate)?
    private let negate: Bool

    package init(predicate: (any Predicate)?, negate: Bool = false) {
        self.predicate = predicate
        self.negate = negate
    }

    package func apply(to records: inout SinkRecords) -> [RecordFailure] {
        guard let predicate else {
            records.removeRecords(.filtered) { _ in true }
            return []
        }
        if predicate is RecordIsTombstone {
            // The pipeline's own filter, without a call a record.
            let ranges = records.valueRanges
            records.removeRecords(.filtered) { ranges[$0].isNull != negate }
            return []
        }
        let all = records
        records.removeRecords(.filtered) { predicate.holds(for: all, at: $0) != negate }
        return []
    }
}
