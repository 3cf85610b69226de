/// A yes-or-no question about a record, by which a transform is applied only to some.
package protocol Predicate: Sendable {
    /// Whether it holds for the record at `index` of `records`.
    func holds(for records: SinkRecords, at index: Int) -> Bool
}
