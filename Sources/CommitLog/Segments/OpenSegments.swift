import Files
import Synchronization

/// How many segments stay open for appending, or because they are read again and again, all logs together: a process may have
/// so many descriptors, and most partitions are idle.
package final class OpenSegments: Sendable {
    private let limit: Int
    private let count = Atomic(0)

    package init(limit: Int = LogLimits.openSegmentsMax) { self.limit = limit }

    /// A place for an open file; `nil` where all are taken.
    func place(for file: OpenFile) -> OpenSegment? {
        guard count.add(1, ordering: .relaxed).newValue <= limit else {
            count.subtract(1, ordering: .relaxed)
            return nil
        }
        return OpenSegment(file, self)
    }

    /// Whether a file that is only read may have a place: a quarter is left to appending.
    var hasPlaceForReading: Bool { count.load(ordering: .relaxed) < limit - limit / 4 }

    fileprivate func giveBack() { count.subtract(1, ordering: .relaxed) }
}

/// The file of a segment, open, in one of the places of ``OpenSegments`` as long as it lives.
final class OpenSegment: Sendable {
    let file: OpenFile
    private let places: OpenSegments

    fileprivate init(_ file: OpenFile, _ places: OpenSegments) {
        self.file = file
        self.places = places
    }

    deinit { places.giveBack() }
}
