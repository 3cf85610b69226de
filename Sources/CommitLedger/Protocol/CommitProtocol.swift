/// Files each record of one partition exactly once, without locks and leases: events in, actions out.
///
/// The specification is `docs/specs/commit-protocol.md`; the sections named below are its. The machine is a value
/// without a clock and without input or output, so that a test can explore every interleaving of two of them. The
/// shell, `CommitLedger`, does one action after the other on a `FileSystem` and reports what came of it.
///
///     idle ──takeOver()──► … ──► .tookOver ──► running ──commit(…), repair(…)──► … ──► .committed ──► running
///                          └──► .stopped                                           ├──► .fenced
///                                                                                  └──► .stopped
///
/// A machine lives for one takeover. After its end, a new one with a new writer's name begins with what is on disk.
package struct CommitProtocol: Hashable, Sendable {
    /// Bounds of the protocol.
    package enum Limits {
        /// The least number of records that are kept: the newest one is the state of the partition.
        package static let recordsKeptMin: Int64 = 1
        /// How many records are kept unless told otherwise, so that people can see what happened lately.
        package static let recordsKept: Int64 = 8
        /// How often a rename is tried that gives no answer, or that is refused for no visible reason.
        package static let attemptsMax = 5
        /// How often one procedure lists the commit directory. A takeover that begins anew, since another writer was
        /// faster, does it up to three times; so often means that something else is wrong. The shell counts: the bound
        /// is no part of the states that are explored.
        package static let listsMax = 300
    }

    /// What the machine waits for.
    enum State: Hashable, Sendable {
        case idle
        // Takeover (section 3).
        case listing
        case reading(sequence: Int64)
        case confirming(StoredRecord)
        case scanning
        case listingTemporaries(mine: StoredRecord, old: [Int64])
        case sweeping(mine: StoredRecord, rest: [TemporaryFile], old: [Int64])
        // Commit (section 4).
        case running(last: StoredRecord)
        // Placing a record under its number, for both (section 5).
        case writing(CommitRecord)
        case placing(StoredRecord, attempt: Int)
        case checking(StoredRecord, attempt: Int, wasRefused: Bool)
        case relisting(StoredRecord)
        case withdrawing(StoredRecord)
        /// Dropping the files of a record that was not placed.
        case discarding(CommitRecord, rest: [TemporaryFile])
        case discardingRecord(CommitRecord)
        // Renaming the files of a record, for both (section 6).
        case publishing(Publication)
        case looking(Publication)
        case pruning(StoredRecord, rest: [Int64])
        case ended
    }

    /// The renames of one record's files.
    struct Publication: Hashable, Sendable {
        let stored: StoredRecord
        /// The file whose turn it is.
        var index = 0
        var attempt = 1
        /// What to prune when all are done; `nil` at a takeover, which finishes somebody's renames.
        var old: [Int64]?
        /// Final names of files that were gone from both places.
        var missing: [String] = []

        var file: CommitRecord.File { stored.record.files[index] }
    }

    package let writer: String
    let topic: String
    let partition: Int32
    let recordsKept: Int64
    let checks: Checks
    /// The wall clock at the takeover, in milliseconds since 1970: for its record.
    var time: Int64 = 0
    /// Which topic of this name is taken over, where the broker tells: for a record that nothing was filed before.
    var topicID: String?
    /// Final names of files that the takeover found in neither place.
    var missing: [String] = []
    var state: State = .idle

    /// - Parameters:
    ///   - writer: Who this is, unique for each takeover that is ever tried: a record that is read back tells whose
    ///     it is by this name alone.
    ///   - recordsKept: How many records pruning leaves.
    ///   - checks: All of them, but in the test that shows what each is for.
    package init(
        writer: String,
        topic: String,
        partition: Int32,
        recordsKept: Int64 = Limits.recordsKept,
        checks: Checks = .all
    ) {
        precondition(recordsKept >= Limits.recordsKeptMin, "the newest record is the state of the partition")
        self.writer = writer
        self.topic = topic
        self.partition = partition
        self.recordsKept = recordsKept
        self.checks = checks
    }

    /// The newest record of this writer while it may commit.
    package var last: CommitRecord? { stored?.record }

    /// The same as it is stored.
    var stored: StoredRecord? {
        if case .running(let stored) = state { stored } else { nil }
    }

    /// Begins a takeover at `time`, the wall clock, of the topic with the id `topicID`, where the broker tells it.
    package mutating func takeOver(time: Int64, topicID: String? = nil) -> Action {
        guard case .idle = state else { preconditionFailure("a takeover begins in idle, not in \(state)") }
        self.time = time
        self.topicID = topicID
        return list()
    }

    /// Begins a commit of files that are closed and whole.
    package mutating func commit(_ proposal: CommitProposal) -> Action {
        guard case .running(let last) = state else {
            preconditionFailure("a commit begins in running, not in \(state)")
        }
        let place = last.record.next
        precondition(place == nil || place == proposal.first, "a commit begins where the one before ended")
        let counted = last.record
        var record = CommitRecord(
            sequence: counted.sequence + 1,
            kind: .commit,
            topic: topic,
            partition: partition,
            epoch: counted.epoch,
            writer: writer,
            time: proposal.time
        )
        record.topicID = proposal.topicID ?? counted.topicID
        record.lineage = counted.lineage
        (record.first, record.next) = (proposal.first, proposal.next)
        record.fingerprint = proposal.fingerprint ?? counted.fingerprint
        (record.files, record.lost, record.absent) = (proposal.files, proposal.lost, proposal.absent)
        record.counts = proposal.counts
        record.totals = counted.totals + proposal.counts
        record.earlier = counted.earlier
        record.previous = last.digest
        if let contradiction = record.contradiction {
            preconditionFailure("a commit contradicts itself: \(contradiction)")
        }
        return write(record)
    }

    /// Begins to carry out what a person decided (section 11).
    package mutating func repair(_ proposal: RepairProposal) -> Action {
        guard case .running(let last) = state else {
            preconditionFailure("a repair begins in running, not in \(state)")
        }
        var record = last.record
        record.version = CommitRecord.currentVersion
        record.sequence += 1
        record.missing = []
        record.previous = last.digest
        switch proposal {
        case .reset(let next, let fingerprint, let topicID, let reason, let time):
            record.kind = .reset
            record.lineage += 1
            (record.first, record.next) = (next, next)
            (record.fingerprint, record.topicID) = (fingerprint, topicID)
            (record.counts, record.totals) = (CommitCounts(), CommitCounts())
            record.earlier = last.record.earlier + last.record.totals
            (record.reason, record.time) = (reason, time)
        case .skip(let first, let next, let reason, let time):
            precondition(
                last.record.next == nil || last.record.next == first,
                "a skip begins where the partition stands"
            )
            record.kind = .skip
            (record.first, record.next) = (first, next)
            record.counts = CommitCounts(skipped: next - first)
            record.totals += record.counts
            record.skipped = [CommitRecord.Offsets(first: first, next: next)]
            // Who reads on from its record meets what is stepped over.
            record.fingerprint = nil
            (record.reason, record.time) = (reason, time)
        }
        (record.files, record.lost, record.absent) = ([], [], [])
        if let contradiction = record.contradiction {
            preconditionFailure("a repair contradicts itself: \(contradiction)")
        }
        return write(record)
    }

    /// Takes what came of the last action.
    package mutating func received(_ event: Event) -> Action {
        if case .failed(let problem) = event { return stop(problem) }
        switch (state, event) {
        case (.listing, .listed(let sequences)): return listed(sequences)
        case (.reading(let sequence), .read(let stored)): return read(stored, sequence)
        case (.confirming(let stored), .listed(let sequences)): return confirmed(stored, sequences)
        case (.scanning, .scanned(let place)): return writeTakeover(after: nil, place: place)
        case (.writing(let record), .written(let digest)):
            return place(StoredRecord(record: record, digest: digest), attempt: 1)
        case (.placing(let stored, let attempt), .renamed(let isDone)):
            return isDone ? placed(stored) : check(stored, attempt, wasRefused: true)
        case (.placing(let stored, let attempt), .answerLost):
            if !checks.contains(.readingBack) { return lostRace(stored) }
            return check(stored, attempt, wasRefused: false)
        case (.checking(let stored, let attempt, let wasRefused), .read(let found)):
            return checked(stored, attempt, wasRefused, found)
        case (.relisting(let stored), .listed(let sequences)): return relisted(stored, sequences)
        case (.withdrawing(let stored), .deleted): return lostRace(stored)
        case (.discarding(let record, let rest), .deleted): return discard(record, rest.dropFirst())
        case (.discardingRecord(let record), .deleted): return discarded(record)
        case (.listingTemporaries(let mine, let old), .listedTemporaries(let found)):
            let isKept = checks.contains(.epochs)
            return sweep(found.filter { !isKept || $0.isRubbish(at: mine.record.epoch) }[...], mine, old)
        case (.sweeping(let mine, let rest, let old), .deleted): return sweep(rest.dropFirst(), mine, old)
        case (.publishing(let publication), .renamed(let isDone)):
            return isDone ? published(publication) : look(publication)
        case (.publishing(let publication), .answerLost): return look(publication)
        case (.looking(let publication), .looked(let temporary, let final)):
            return looked(publication, temporary: temporary, final: final)
        case (.pruning(let stored, let rest), .deleted): return prune(stored, rest.dropFirst())
        default: preconditionFailure("\(event) is no answer to what was asked in \(state)")
        }
    }

    /// Ends a procedure that cannot go on. Nothing is deleted: a record may have been placed without our knowing.
    mutating func stop(_ problem: Problem) -> Action {
        state = .ended
        return .stopped(problem)
    }
}
