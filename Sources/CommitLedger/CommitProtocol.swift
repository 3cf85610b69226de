package import KafkaTopics

/// Files each record of one partition exactly once, without locks and leases: events in, actions out.
///
/// The specification is `docs/specs/commit-protocol.md`; the sections named below are its. The machine is a value
/// without clock, input or output, so that a test can explore every interleaving of two of them. The
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
        /// How many records are kept by default, so that an operator can see what happened lately.
        package static let recordsKept: Int64 = 8
        /// How often a rename is tried that got no answer, or that was refused for no visible reason.
        package static let attemptsMax = 5
        /// How often one procedure lists the commit directory. A takeover that begins anew because another writer
        /// was faster does it up to three times; this many means that something else is wrong. The shell counts, so that
        /// the bound does not add to the explored states.
        package static let listsMax = 300
    }

    /// What the machine waits for.
    private enum State: Hashable, Sendable {
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
        /// A file of its own commit is in neither place: is there a later writer?
        case searching(Publication)
        case pruning(StoredRecord, rest: [Int64])
        case ended
    }

    /// The renames of one record's files.
    private struct Publication: Hashable, Sendable {
        let stored: StoredRecord
        /// The file whose turn it is.
        var index = 0
        var attempt = 1
        /// What to prune when all are done; `nil` at a takeover, which finishes another writer's renames.
        var old: [Int64]?
        /// Final names of files that exist in neither place.
        var missing: [String] = []

        var file: CommitRecord.File { stored.record.files[index] }
    }

    package let writer: String
    private let topic: String
    private let partition: Int32
    private let recordsKept: Int64
    private let checks: Checks
    /// The wall clock at the takeover, in milliseconds since 1970: for its record.
    private var time: Int64 = 0
    /// Which topic of this name is taken over, if the broker tells: for a takeover before which nothing was filed.
    private var topicID: String?
    /// Final names of files that the takeover found in neither place.
    private var missing: [String] = []
    private var state: State = .idle

    /// - Parameters:
    ///   - writer: Who this is, unique for each takeover that is ever tried: only this name tells
    ///     whose record was read back.
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

    /// The same with its digest.
    var stored: StoredRecord? {
        if case .running(let stored) = state { stored } else { nil }
    }

    /// Begins a takeover at `time`, the wall clock, of the topic with the id `topicID`, if the broker tells it.
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
        (record.earlier, record.emptied, record.cleared) = (counted.earlier, counted.emptied, counted.cleared)
        record.previous = last.digest
        if let contradiction = record.contradiction {
            preconditionFailure("a commit contradicts itself: \(contradiction)")
        }
        return write(record)
    }

    /// Begins to carry out what an operator decided (section 11).
    package mutating func repair(_ proposal: RepairProposal) -> Action {
        guard case .running(let last) = state else {
            preconditionFailure("a repair begins in running, not in \(state)")
        }
        let record = CommitRecord(deciding: proposal, after: last)
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
            return sweep(found.filter { !isKept || $0.isObsolete(at: mine.record.epoch) }[...], mine, old)
        case (.sweeping(let mine, let rest, let old), .deleted): return sweep(rest.dropFirst(), mine, old)
        case (.publishing(let publication), .renamed(let isDone)):
            return isDone ? published(publication) : look(publication)
        case (.publishing(let publication), .answerLost): return look(publication)
        case (.looking(let publication), .looked(let temporary, let final)):
            return looked(publication, temporary: temporary, final: final)
        case (.searching(let publication), .listed(let sequences)): return searched(publication, sequences)
        case (.pruning(let stored, let rest), .deleted): return prune(stored, rest.dropFirst())
        default: preconditionFailure("\(event) does not answer what was asked in \(state)")
        }
    }

    /// Ends a procedure that cannot go on. Deletes nothing: a record may have been placed although no answer came.
    private mutating func stop(_ problem: Problem) -> Action {
        state = .ended
        return .stopped(problem)
    }
}

// Taking a partition over: section 3 of the specification.
extension CommitProtocol {
    private mutating func list() -> Action {
        missing = []
        state = .listing
        return .listRecords
    }

    private mutating func listed(_ sequences: [Int64]) -> Action {
        guard let newest = sequences.max() else {
            state = .scanning
            return .scanFinalNames
        }
        state = .reading(sequence: newest)
        return .readRecord(sequence: newest)
    }

    private mutating func read(_ stored: StoredRecord?, _ sequence: Int64) -> Action {
        // It was pruned since it was listed: there is a newer one.
        guard let stored else { return list() }
        let place = TopicPartition(topic: topic, partition: partition)
        if let reason = stored.record.contradiction ?? stored.record.strangeness(as: sequence, of: place) {
            let words = "commit record \(sequence) cannot be used: \(reason); \(Self.cure(of: place))"
            return stop(Problem(isRetriable: false, words))
        }
        guard checks.contains(.listAfterReading) else { return finish(stored) }
        state = .confirming(stored)
        return .listRecords
    }

    /// What an operator does about a newest record that cannot be used. Deleting it is not enough: its files may exist.
    package static func cure(of partition: TopicPartition) -> String {
        "restore this very record from a backup, or run `hera repair accept \(partition)`, which sets it aside"
    }

    /// What was read counts only if its number is still the greatest after it was read. Otherwise it may have been
    /// pruned in between, and a paused writer may have placed a record of its own under its number.
    private mutating func confirmed(_ stored: StoredRecord, _ sequences: [Int64]) -> Action {
        sequences.max() == stored.record.sequence ? finish(stored) : listed(sequences)
    }

    /// Finishes what the previous writer left undone.
    private mutating func finish(_ stored: StoredRecord) -> Action {
        guard stored.record.kind == .commit, checks.contains(.finishing) else { return writeTakeover(after: stored) }
        return publish(Publication(stored: stored))
    }

    private mutating func writeTakeover(after last: StoredRecord?, place: FiledPlace? = nil) -> Action {
        let sequence = (last?.record.sequence ?? 0) + 1
        let next = last?.record.next ?? place?.next
        // If nothing was filed so far, the topic is the current one. Otherwise the offsets belong to the topic that they
        // were filed from, and the caller compares the two.
        let isFresh = last?.record.next == nil
        var record = CommitRecord(
            sequence: sequence,
            kind: .takeover,
            topic: topic,
            partition: partition,
            epoch: sequence,
            writer: writer,
            time: time
        )
        record.topicID = isFresh ? topicID ?? last?.record.topicID : last?.record.topicID
        record.lineage = last?.record.lineage ?? place?.lineage ?? CommitRecord.firstLineage
        (record.first, record.next) = (next, next)
        record.fingerprint = last?.record.fingerprint
        record.missing = missing
        record.totals = last?.record.totals ?? CommitCounts()
        record.earlier = last?.record.earlier ?? CommitCounts()
        (record.emptied, record.cleared) = (last?.record.emptied, last?.record.cleared)
        record.previous = last?.digest
        return write(record)
    }

    private mutating func tookOver(_ mine: StoredRecord, _ sequences: [Int64]) -> Action {
        state = .listingTemporaries(mine: mine, old: prunable(sequences, mine))
        return .listTemporaries
    }

    private mutating func sweep(_ rest: ArraySlice<TemporaryFile>, _ mine: StoredRecord, _ old: [Int64]) -> Action {
        guard let next = rest.first else { return prune(mine, old[...]) }
        state = .sweeping(mine: mine, rest: Array(rest), old: old)
        return .deleteTemporary(next)
    }

    /// The records that are obsolete because of `mine`.
    private func prunable(_ sequences: [Int64], _ mine: StoredRecord) -> [Int64] {
        sequences.filter { $0 <= mine.record.sequence - recordsKept }.sorted()
    }

    private mutating func prune(_ stored: StoredRecord, _ rest: ArraySlice<Int64>) -> Action {
        if let next = rest.first {
            state = .pruning(stored, rest: Array(rest))
            return .pruneRecord(sequence: next)
        }
        state = .running(last: stored)
        let record = stored.record
        switch record.kind {
        case .takeover: return .tookOver(record)
        case .commit, .reset, .skip: return .committed(record)
        }
    }
}

// Placing a record under its sequence number, which is what decides between writers: section 5 of the specification.
extension CommitProtocol {
    private mutating func write(_ record: CommitRecord) -> Action {
        state = .writing(record)
        return .writeRecord(record)
    }

    private mutating func place(_ stored: StoredRecord, attempt: Int) -> Action {
        guard attempt <= Limits.attemptsMax else {
            let name = "commit record \(stored.record.sequence)"
            return stop(Problem(isRetriable: true, "the storage gave no answer to the renaming of \(name)"))
        }
        state = .placing(stored, attempt: attempt)
        return .placeRecord(stored.record)
    }

    /// Reads back who has the sequence number.
    private mutating func check(_ stored: StoredRecord, _ attempt: Int, wasRefused: Bool) -> Action {
        state = .checking(stored, attempt: attempt, wasRefused: wasRefused)
        return .readRecord(sequence: stored.record.sequence)
    }

    private mutating func checked(
        _ stored: StoredRecord,
        _ attempt: Int,
        _ wasRefused: Bool,
        _ found: StoredRecord?
    ) -> Action {
        if let found { return found.record.writer == writer ? placed(stored) : lostRace(stored) }
        // Refused although the number is free: a later takeover, whose record exists, swept our file.
        // Without an answer: the rename was not done so far.
        return wasRefused ? lostRace(stored) : place(stored, attempt: attempt + 1)
    }

    /// The record has its number; whether it counts, a second list tells.
    private mutating func placed(_ stored: StoredRecord) -> Action {
        let check: Checks = stored.record.kind == .takeover ? .listAfterTakeover : .listAfterCommit
        guard checks.contains(check) else { return relisted(stored, [stored.record.sequence]) }
        state = .relisting(stored)
        return .listRecords
    }

    private mutating func relisted(_ stored: StoredRecord, _ sequences: [Int64]) -> Action {
        let isNewest = sequences.allSatisfy { $0 <= stored.record.sequence }
        guard isNewest else {
            state = .withdrawing(stored)
            return .deleteRecord(sequence: stored.record.sequence)
        }
        switch stored.record.kind {
        case .takeover: return tookOver(stored, sequences)
        case .commit, .reset, .skip: return publish(Publication(stored: stored, old: prunable(sequences, stored)))
        }
    }

    /// Another writer has the number, or a greater one: deletes what was written for it.
    private mutating func lostRace(_ stored: StoredRecord) -> Action {
        let record = stored.record
        let files = record.files.map { TemporaryFile(kind: .data(epoch: record.epoch), path: $0.temporary) }
        return discard(record, files[...])
    }

    private mutating func discard(_ record: CommitRecord, _ rest: ArraySlice<TemporaryFile>) -> Action {
        if let next = rest.first {
            state = .discarding(record, rest: Array(rest))
            return .deleteTemporary(next)
        }
        state = .discardingRecord(record)
        return .deleteTemporaryRecord(record)
    }

    private mutating func discarded(_ record: CommitRecord) -> Action {
        if record.kind == .takeover { return list() }
        state = .ended
        return .fenced
    }
}

// Giving the files of a placed record their final names: section 6 of the specification.
extension CommitProtocol {
    private mutating func publish(_ publication: Publication) -> Action {
        guard publication.index < publication.stored.record.files.count else { return publishedAll(publication) }
        guard publication.attempt <= Limits.attemptsMax else {
            let names = "\(publication.file.temporary) to \(publication.file.final)"
            return stop(Problem(isRetriable: true, "the storage does not rename \(names)"))
        }
        state = .publishing(publication)
        return .publish(publication.file)
    }

    private mutating func published(_ publication: Publication) -> Action {
        var publication = publication
        publication.index += 1
        publication.attempt = 1
        return publish(publication)
    }

    private mutating func look(_ publication: Publication) -> Action {
        state = .looking(publication)
        return .look(publication.file)
    }

    private mutating func looked(_ publication: Publication, temporary: Bool, final: Bool) -> Action {
        var publication = publication
        switch (temporary, final) {
        case (false, true): return published(publication)
        case (true, false):
            publication.attempt += 1
            return publish(publication)
        case (true, true):
            let names =
                "\(publication.file.final) exists, and so does \(publication.file.temporary), which is to get its name"
            let advice = "another program wrote the first; move it away, and filing goes on by itself"
            return stop(Problem(isRetriable: false, "\(names); \(advice)"))
        case (false, false):
            // The protocol never deletes a file that the newest record names, so the file was renamed and then removed
            // by another program, or by `hera reset`. A takeover notes that in its record and goes on; the writer itself,
            // which has just written the file, stops, unless it slept while a later one came.
            guard publication.old == nil else {
                state = .searching(publication)
                return .listRecords
            }
            publication.missing.append(publication.file.final)
            return published(publication)
        }
    }

    private mutating func searched(_ publication: Publication, _ sequences: [Int64]) -> Action {
        guard sequences.allSatisfy({ $0 <= publication.stored.record.sequence }) else {
            // A takeover finished the renames.
            state = .ended
            return .fenced
        }
        let names = "\(publication.file.final) is committed and gone, and so is \(publication.file.temporary)"
        return stop(Problem(isRetriable: false, "\(names); another program removes files of this storage"))
    }

    private mutating func publishedAll(_ publication: Publication) -> Action {
        if let old = publication.old { return prune(publication.stored, old[...]) }
        missing = publication.missing
        return writeTakeover(after: publication.stored)
    }
}

extension CommitProtocol {
    /// What the shell has to do next. Each is one atomic step of the file system, or the end of a procedure.
    package enum Action: Hashable, Sendable {
        /// List the sequence numbers of the commit directory: `.listed`.
        case listRecords
        /// Read a record: `.read`.
        case readRecord(sequence: Int64)
        /// Find the greatest lineage and offset among final names: `.scanned`. Asked only if there is no record at all.
        case scanFinalNames
        /// Write a record to its temporary name, close it, check its length: `.written`.
        case writeRecord(CommitRecord)
        /// Rename a written record to its sequence number without replacing: `.renamed` or `.answerLost`.
        case placeRecord(CommitRecord)
        /// Rename a file of a commit to its final name without replacing: `.renamed` or `.answerLost`.
        case publish(CommitRecord.File)
        /// See which of the two names of a file exist: `.looked`.
        case look(CommitRecord.File)
        /// List this partition's temporary files: `.listedTemporaries`.
        case listTemporaries
        /// Delete a temporary file, if possible: `.deleted`.
        case deleteTemporary(TemporaryFile)
        /// Delete the temporary file of a record, if possible: `.deleted`.
        case deleteTemporaryRecord(CommitRecord)
        /// Delete a record, if possible: `.deleted`.
        case deleteRecord(sequence: Int64)
        /// Take an old record out of the commit directory, if possible: `.deleted`. The protocol does not need it any
        /// more; the shell archives it for the audit.
        case pruneRecord(sequence: Int64)

        /// The end of a takeover, with its record: data may be written under its epoch and lineage from its `next` on
        /// (`nil`: no place is known).
        case tookOver(CommitRecord)
        /// The end of a commit or repair: it is durable and its files have their final names.
        case committed(CommitRecord)
        /// The end: another writer took the partition over; what this one wrote is deleted.
        case fenced
        /// The end: the procedure cannot go on; what is on disk is left for the next takeover.
        case stopped(Problem)
    }

    /// What came of an action.
    package enum Event: Hashable, Sendable {
        case listed([Int64])
        /// The record; `nil` if none has that sequence number.
        case read(StoredRecord?)
        /// What final names say; `nil` if there are none.
        case scanned(FiledPlace?)
        /// The digest of the bytes that were written.
        case written(digest: String)
        /// Whether this very call did the rename.
        case renamed(Bool)
        /// No answer came: the rename may be done, may not be, or may be done later.
        case answerLost
        case looked(temporary: Bool, final: Bool)
        case listedTemporaries([TemporaryFile])
        case deleted
        /// The file system could not do it.
        case failed(Problem)
    }

    /// Where the files of a partition end, by their names alone.
    package struct FiledPlace: Hashable, Sendable {
        /// The greatest lineage among the names: later files must get names of this one, or they would collide.
        package var lineage: Int64
        /// The offset behind the greatest one of that lineage.
        package var next: Int64

        package init(lineage: Int64 = CommitRecord.firstLineage, next: Int64) {
            self.lineage = lineage
            self.next = next
        }
    }

    /// Why a procedure cannot go on.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// Whether trying again later may help.
        package let isRetriable: Bool
        /// What, where, why, and what to do next.
        package let description: String

        package init(isRetriable: Bool, _ description: String) {
            self.isRetriable = isRetriable
            self.description = description
        }
    }

    /// The parts of the protocol that a test leaves out to show that they are needed.
    package struct Checks: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The second list after a takeover record was placed.
        package static let listAfterTakeover = Checks(rawValue: 1)
        /// The second list after a commit record was placed.
        package static let listAfterCommit = Checks(rawValue: 2)
        /// Sweeping the temporary files of earlier epochs only.
        package static let epochs = Checks(rawValue: 4)
        /// Finishing the renames of the newest record at a takeover.
        package static let finishing = Checks(rawValue: 8)
        /// Reading back after a lost answer, instead of taking it for a refusal.
        package static let readingBack = Checks(rawValue: 16)
        /// The second list after the newest record was read.
        package static let listAfterReading = Checks(rawValue: 32)

        package static let all: Checks = [
            .listAfterReading, .listAfterTakeover, .listAfterCommit, .epochs, .finishing, .readingBack,
        ]
    }
}
