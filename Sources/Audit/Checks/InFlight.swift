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

extension PartitionCheck {
    /// Reports a position that stays the same while records follow it.
    mutating func checkProgress() {
        if let obstacle = evidence.content?.obstacle {
            note("it could not be read to its end, so it is not judged whole: \(obstacle)")
        }
        if let standing = evidence.standing {
            report(standing)
            return
        }
        guard inFlight.records > 0, evidence.isOfConnector, standards.isRunning != false else { return }
        let offsets = inFlight.next...evidence.latest - 1
        let what = "\(Self.records(inFlight.records)) from offset \(inFlight.next) on are not filed"
        guard let since = inFlight.standsSince, standards.now - since > standards.stallMilliseconds else {
            if inFlight.since == nil, evidence.content?.firstTimestamp != nil {
                note("\(what); their timestamps do not tell since when, so that is not judged")
            }
            return
        }
        add(
            .partitionStalled,
            offsets: offsets,
            since: since,
            what: what + ", and the partition does not move",
            advice: "the log of what files it says why; `hera repair list` names what needs a decision"
        )
    }

    /// Reports what the connector itself says, however short its records have been waiting.
    private mutating func report(_ standing: Standing) {
        let waiting = inFlight.records
        add(
            standing.hasFailed ? .partitionFailed : .partitionStalled,
            offsets: waiting > 0 ? inFlight.next...evidence.latest - 1 : nil,
            since: standing.sinceMilliseconds,
            what: (waiting > 0 ? "\(Self.records(waiting)) from offset \(inFlight.next) on are not filed, and " : "")
                + "the connector says: \(standing.reason)",
            advice: "`hera repair list` names what needs a decision; what needs none is tried again by itself"
        )
    }
}
