/// Ranges of offsets that a commit record lists, bounded: the longest ones, rising. Counts are kept elsewhere.
package struct OffsetRanges: Hashable, Sendable {
    /// Bounds of what one record lists.
    package enum Limits {
        /// Ranges of one kind. A topic of small transactions has a mark after each; none of them is worth listing.
        package static let rangesMax = 1_000
    }

    package private(set) var list: [CommitRecord.Offsets] = []
    /// The shortest of a full list.
    private var shortest: Int64 = 0

    package init() {}

    /// Adds a range behind all that were added; one that begins where the last one ends is joined with it.
    package mutating func add(_ offsets: Range<Int64>) {
        guard !offsets.isEmpty else { return }
        if let last = list.last, last.next == offsets.lowerBound {
            list[list.count - 1].next = offsets.upperBound
            return
        }
        if list.count == Limits.rangesMax {
            guard Int64(offsets.count) > shortest, let place = placeOfShortest else { return }
            list.remove(at: place)
        }
        list.append(CommitRecord.Offsets(first: offsets.lowerBound, next: offsets.upperBound))
        if list.count == Limits.rangesMax { shortest = placeOfShortest.map { list[$0].next - list[$0].first } ?? 0 }
    }

    private var placeOfShortest: Int? {
        list.indices.min { list[$0].next - list[$0].first < list[$1].next - list[$1].first }
    }
}
