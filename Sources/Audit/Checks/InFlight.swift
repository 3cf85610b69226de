/// What of a partition is not filed yet, and since when: pure.
package struct InFlight: Hashable, Sendable {
    /// The offset at which the connector stands.
    package private(set) var next: Int64 = 0
    package private(set) var records: Int64 = 0
    /// Offsets behind `next` that have no record.
    package private(set) var absent: Int64 = 0
    /// Since when the first of the records waits, in milliseconds since 1970, as far as timestamps tell; `nil`: nothing
    /// is in flight, or the timestamp does not help, like that of an event which was sent much later than it happened.
    package private(set) var since: Int64?
    /// Since when the position has not moved although a writer could have moved it.
    package private(set) var standsSince: Int64?

    /// How much older than the newest commit a record may be that came after it, in milliseconds: it waited in its
    /// producer, or for its turn.
    private static let delayMilliseconds: Int64 = 600_000

    init() {}

    init(_ evidence: PartitionEvidence, now: Int64) {
        next = max(evidence.commits?.next ?? evidence.earliest, evidence.earliest)
        guard next < evidence.latest else { return }
        let offsets = evidence.latest - next
        if let content = evidence.content, content.read.upperBound > next {
            let read = min(content.read.upperBound, evidence.latest) - next
            records = min(content.inFlight, read) + offsets - read
            absent = offsets - records
        } else {
            records = offsets
        }
        guard records > 0, let timestamp = evidence.content?.firstTimestamp, timestamp <= now else { return }
        let moved = evidence.commits?.movedAt ?? .min
        if timestamp < moved, moved - timestamp > Self.delayMilliseconds { return }
        since = max(timestamp, moved)
        standsSince = max(timestamp, moved, evidence.commits?.takenOverAt ?? .min)
    }
}
