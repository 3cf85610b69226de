/// A yes-or-no question about a record, by which a transform is applied only to some.
///
/// Belongs to one task at a time.
package protocol Predicate {
    /// The records of the batch for which it holds.
    func selection(of records: SinkRecords) -> RecordSelection
}

/// Some records of a batch.
package enum RecordSelection: Hashable, Sendable {
    case all
    /// Those at these indexes, which rise.
    case some([Int])

    package static let none = RecordSelection.some([])

    /// The records of `records` for whose index `holds` is true.
    package init(from records: SinkRecords, where holds: (Int) -> Bool) {
        self = .some((0..<records.count).filter(holds))
    }

    package var isEmpty: Bool { self == .none }

    /// The indexes of the selected records of a batch of `count`.
    package func indexes(count: Int) -> [Int] {
        switch self {
        case .all: Array(0..<count)
        case .some(let indexes): indexes
        }
    }

    /// The other records of a batch of `count`.
    package func inverted(count: Int) -> RecordSelection {
        guard case .some(let indexes) = self else { return .none }
        guard !indexes.isEmpty else { return .all }
        var rest = indexes[...]
        return .some(
            (0..<count).filter { index in
                guard rest.first == index else { return true }
                rest = rest.dropFirst()
                return false
            }
        )
    }
}
