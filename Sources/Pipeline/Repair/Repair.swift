import CommitLedger
import ConnectAPI
import ConnectRuntime
import KafkaClient
package import KafkaTopics
package import Logging
package import Storage

/// Finds the partitions that have stopped until an operator decides, and carries the decision out.
///
/// It is one more writer of the commit protocol: what it does is one record, written as a sink task writes its own. A
/// task that runs is fenced by it and goes on at the new place by itself.
package struct Repair: Sendable {
    /// How often a partition is taken over for one decision.
    private static let takeoversMax = 10

    private let target: SinkTarget
    private let kafka: RepairKafka
    private let reader: CommitRecordReader
    private let logger: Logger
    /// The wall clock, in milliseconds since 1970: for records.
    private let now: @Sendable () -> Int64

    package init(
        _ target: SinkTarget,
        now: @escaping @Sendable () -> Int64 = WallClock.milliseconds,
        logger: Logger
    ) throws(StorageError) {
        self.target = target
        self.now = now
        self.logger = logger
        kafka = RepairKafka(client: target.client, logger: logger)
        reader = try CommitRecordReader(
            storage: target.storage,
            logsDirectory: target.logsDirectory,
            connector: target.connector
        )
    }

    // MARK: - Finding

    /// The partitions that have stopped, in order.
    package func list() async throws -> [StandingPartition] {
        let partitions = try await reader.partitions()
        let logs = try await kafka.logs(of: partitions)
        var standing: [StandingPartition] = []
        for partition in partitions {
            if let found = try await look(at: partition, logs[partition]) { standing.append(found) }
        }
        return standing
    }

    private func look(at partition: TopicPartition, _ log: LogState?) async throws -> StandingPartition? {
        let accept = "hera repair accept \(partition)"
        switch try await reader.newest(of: partition) {
        case .none: return nil
        case .unusable(_, let path, let reason):
            let words = "the newest commit record, \(path), cannot be used: \(reason)"
            let cause = reason.isNewer ? StandingPartition.Cause.newerVersion : .recordDamaged
            let cure = reason.isNewer ? "run that version, or a later one" : "restore it from a backup, or \(accept)"
            return StandingPartition(partition, cause, words, record: nil, cure: cure)
        case .record(let stored):
            let record = stored.record
            if let path = try await fileInTheWay(of: record) {
                let words = "\(path) exists, and is not the file that was committed under this name"
                let cure = "move it away; filing goes on by itself"
                return StandingPartition(partition, .fileInTheWay, words, record: record, cure: cure)
            }
            guard let log else { return nil }
            if let mismatch = record.mismatch(with: log, found: try await found(record.fingerprint, partition, log)) {
                return StandingPartition(partition, mismatch, record: record, cure: accept)
            }
            let next = max(record.next ?? log.offsets.lowerBound, log.offsets.lowerBound)
            guard next < log.offsets.upperBound, try await !kafka.isReadable(partition, at: next) else { return nil }
            let words =
                "nothing can be read from offset \(next) on, though the partition ends at \(log.offsets.upperBound)"
            let cure = "hera repair skip \(partition)"
            return StandingPartition(partition, .unreadable, words, record: record, cure: cure)
        }
    }

    /// The record at the offset of `fingerprint`; `nil` where the log has none there.
    private func found(
        _ fingerprint: RecordFingerprint?,
        _ partition: TopicPartition,
        _ log: LogState
    ) async throws -> RecordFingerprint? {
        guard let offset = fingerprint?.offset, log.offsets.contains(offset) else { return nil }
        return try await kafka.fingerprint(at: offset, of: partition)
    }

    /// The final name of a committed file that something else has.
    private func fileInTheWay(of record: CommitRecord) async throws(StorageError) -> String? {
        for file in record.files {
            if try await target.storage.status(of: StoragePath(file.temporary)) != nil,
                try await target.storage.status(of: StoragePath(file.final)) != nil
            {
                return file.final
            }
        }
        return nil
    }

    // MARK: - Deciding

    /// What a decision does, before it is carried out.
    package struct Plan: Hashable, Sendable {
        package let partition: TopicPartition
        /// What it does, in lines to show.
        package let lines: [String]
        /// Damaged records that are set aside first, the newest first.
        let setAside: [Int64]
        /// `nil` where setting records aside is all.
        let proposal: RepairProposal?
        /// What the newest usable record says; another place means that a sink has filed more since.
        let next: Int64?
        let lineage: Int64
        let topicID: String?
    }

    /// What accepting the log that is there now would do.
    package func planToAccept(_ partition: TopicPartition) async throws -> Plan {
        guard let log = try await kafka.logs(of: [partition])[partition] else { throw RepairError.notThere(partition) }
        let (record, damaged) = try await newestUsable(partition)
        guard damaged.isEmpty else { return try await planWithoutDamaged(partition, record, damaged, log) }
        guard record.next != nil else { throw RepairError.neverFiled(partition) }
        let found = try await found(record.fingerprint, partition, log)
        guard let mismatch = record.mismatch(with: log, found: found) else { throw RepairError.inOrder(partition) }
        let kept = try await newestKept(partition, record, log)
        return resetPlan(partition, record, log, at: kept, because: mismatch.fact)
    }

    /// What stepping over what cannot be read would do.
    ///
    /// - Parameter end: the first offset that is filed again; `nil`: the first one from which reading goes on.
    package func planToSkip(_ partition: TopicPartition, to end: Int64?) async throws -> Plan {
        guard let log = try await kafka.logs(of: [partition])[partition] else { throw RepairError.notThere(partition) }
        let (record, damaged) = try await newestUsable(partition)
        guard damaged.isEmpty else {
            throw RepairError(
                description: "its newest commit record is damaged; first: hera repair accept \(partition)"
            )
        }
        if let mismatch = record.mismatch(with: log, found: try await found(record.fingerprint, partition, log)) {
            throw RepairError(description: "\(partition): \(mismatch.fact); first: hera repair accept \(partition)")
        }
        let first = record.next ?? log.offsets.lowerBound
        var stop = end
        if stop == nil { stop = try await kafka.readableOffset(after: first, in: log, of: partition) }
        guard let stop else { throw RepairError.nothingReadable(partition, from: first) }
        guard first < stop, stop <= log.offsets.upperBound else {
            throw RepairError.notFurther(partition, to: stop, from: first, end: log.offsets.upperBound)
        }
        let lines = [
            "\(partition): the \(stop - first) offsets from \(first) up to \(stop), not included, are never filed",
            "they are counted and listed as skipped; the topic keeps them",
        ]
        let reason = "stepped over by hand"
        return Plan(
            partition: partition,
            lines: lines,
            setAside: [],
            proposal: .skip(first: first, next: stop, reason: reason, time: now()),
            next: record.next,
            lineage: record.lineage,
            topicID: log.topicID
        )
    }

    /// What was done.
    package struct Outcome: Hashable, Sendable, Encodable {
        package let topic: String
        package let partition: Int32
        /// Where filing goes on, and in which lineage.
        package let next: Int64?
        package let lineage: Int64
        package let lines: [String]
    }

    /// Carries a plan out.
    @discardableResult
    package func carryOut(_ plan: Plan) async throws -> Outcome {
        let ledger = try ledger(of: plan.partition)
        for sequence in plan.setAside {
            guard try await ledger.setAside(sequence) else { throw RepairError.moved(plan.partition) }
        }
        var (next, lineage) = (plan.next, plan.lineage)
        if let proposal = plan.proposal {
            let written = try await write(proposal, of: plan)
            (next, lineage) = (written.next, written.lineage)
        }
        return Outcome(
            topic: plan.partition.topic,
            partition: plan.partition.partition,
            next: next,
            lineage: lineage,
            lines: plan.lines
        )
    }

    /// Writes a decision. A sink that stands at the partition takes it over again from time to time; where that comes
    /// between, the partition is taken over once more.
    private func write(_ proposal: RepairProposal, of plan: Plan) async throws -> CommitRecord {
        for _ in 0..<Self.takeoversMax {
            var ledger = try ledger(of: plan.partition)
            guard case .tookOver(let record) = try await ledger.takeOver(time: now(), topicID: plan.topicID) else {
                continue
            }
            guard record.next == plan.next, record.lineage == plan.lineage else { break }
            if case .committed(let written) = try await ledger.repair(proposal) { return written }
        }
        throw RepairError.moved(plan.partition)
    }

    /// The newest record that can be used, and the sequence numbers of the damaged ones behind it, the newest first.
    private func newestUsable(_ partition: TopicPartition) async throws -> (CommitRecord, damaged: [Int64]) {
        var damaged: [Int64] = []
        while true {
            switch try await reader.newest(of: partition, below: damaged.last ?? .max) {
            case .record(let stored): return (stored.record, damaged)
            case .none where damaged.isEmpty: throw RepairError.neverFiled(partition)
            case .none: throw RepairError.needsBackup(partition, "no commit record before the damaged ones can be used")
            case .unusable(_, let path, let reason) where reason.isNewer:
                throw RepairError.newer(partition, "\(path): \(reason)")
            case .unusable(let sequence, _, _): damaged.append(sequence)
            }
        }
    }

    /// Only final names tell which offsets damaged records explained: section 11 of the protocol's specification.
    private func planWithoutDamaged(
        _ partition: TopicPartition,
        _ record: CommitRecord,
        _ damaged: [Int64],
        _ log: LogState
    ) async throws -> Plan {
        let ledger = try ledger(of: partition)
        let filed = try await ledger.placeAfterFinalNames()
        let numbers = damaged.map(String.init).joined(separator: ", ")
        let aside =
            "\(partition): the damaged commit records \(numbers) are set aside under names that end with .damaged"
        guard let filed,
            filed.lineage > record.lineage || filed.lineage == record.lineage && filed.next > record.next ?? 0
        else {
            return Plan(
                partition: partition,
                lines: [
                    aside,
                    "nothing of them was filed; filing goes on from \(record.next.map { "offset \($0)" } ?? "the start")",
                ],
                setAside: damaged,
                proposal: nil,
                next: record.next,
                lineage: record.lineage,
                topicID: log.topicID
            )
        }
        let isWaiting = try await ledger.temporaries().contains { file in
            if case .data(let epoch) = file.kind { epoch >= record.epoch } else { false }
        }
        guard !isWaiting else {
            throw RepairError.needsBackup(
                partition,
                "files wait under temporary names that the damaged record may have committed"
            )
        }
        let place = RecordPlace(next: min(filed.next, log.offsets.upperBound), fingerprint: nil)
        let reason = "commit records \(numbers) were damaged; files end at offset \(filed.next)"
        let plan = resetPlan(partition, record, log, at: place, because: reason)
        return Plan(
            partition: partition,
            lines: [aside] + plan.lines,
            setAside: damaged,
            proposal: plan.proposal,
            next: plan.next,
            lineage: plan.lineage,
            topicID: plan.topicID
        )
    }

    private struct RecordPlace {
        var next: Int64
        var fingerprint: RecordFingerprint?
    }

    private func resetPlan(
        _ partition: TopicPartition,
        _ record: CommitRecord,
        _ log: LogState,
        at place: RecordPlace,
        because reason: String
    ) -> Plan {
        let lineage = record.lineage + 1
        return Plan(
            partition: partition,
            lines: [
                "\(partition): \(reason)",
                "all files that are there stay; the \(max(0, log.offsets.upperBound - place.next)) offsets from \(place.next) on "
                    + "are filed under names that end with .l\(lineage).json",
            ],
            setAside: [],
            proposal: .reset(
                next: place.next,
                fingerprint: place.fingerprint,
                topicID: log.topicID,
                reason: reason,
                time: now()
            ),
            next: record.next,
            lineage: record.lineage,
            topicID: log.topicID
        )
    }

    /// Behind the newest fingerprint of the lineage that the log still holds; the log's start where it holds none.
    ///
    /// A log that lost its end holds all fingerprints up to some point, and others behind it, so halving finds the point.
    /// One that compaction took counts as not held: some records are then filed once more, and none is lost. A topic with
    /// another id holds none: what looks like one was read before the sink learned of the new topic, and records before it
    /// may never have been.
    private func newestKept(_ partition: TopicPartition, _ newest: CommitRecord, _ log: LogState) async throws
        -> RecordPlace
    {
        var candidates: [RecordFingerprint] = []
        for stored in try await reader.history(of: partition).records where stored.record.lineage == newest.lineage {
            guard let fingerprint = stored.record.fingerprint, log.offsets.contains(fingerprint.offset),
                stored.record.topicID == nil || log.topicID == nil || stored.record.topicID == log.topicID
            else { continue }
            if fingerprint.offset > candidates.last?.offset ?? -1 { candidates.append(fingerprint) }
        }
        var (low, high) = (0, candidates.count)
        while low < high {
            let middle = (low + high) / 2
            let found = try await kafka.fingerprint(at: candidates[middle].offset, of: partition)
            if found == candidates[middle] { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return RecordPlace(next: log.offsets.lowerBound, fingerprint: nil) }
        return RecordPlace(next: candidates[low - 1].offset + 1, fingerprint: candidates[low - 1])
    }

    private func ledger(of partition: TopicPartition) throws(StorageError) -> CommitLedger {
        try target.ledger(of: partition, for: "repair", logger: logger)
    }
}

/// Why nothing was repaired.
package struct RepairError: Error, Hashable, CustomStringConvertible {
    package let description: String

    static func notThere(_ partition: TopicPartition) -> RepairError {
        RepairError(description: "\(partition) is not in Kafka; `hera topics list` shows what is")
    }

    static func neverFiled(_ partition: TopicPartition) -> RepairError {
        RepairError(
            description: "nothing of \(partition) was ever filed by this connector, so there is nothing to accept"
        )
    }

    static func inOrder(_ partition: TopicPartition) -> RepairError {
        RepairError(description: "\(partition) is what was filed: there is nothing to accept")
    }

    static func newer(_ partition: TopicPartition, _ reason: String) -> RepairError {
        RepairError(description: "\(partition): \(reason); run that version, or a later one")
    }

    static func needsBackup(_ partition: TopicPartition, _ why: String) -> RepairError {
        RepairError(description: "\(partition): \(why); restore the commit record from a backup")
    }

    static func notFurther(_ partition: TopicPartition, to: Int64, from: Int64, end: Int64) -> RepairError {
        RepairError(
            description:
                "--to \(to): \(partition) stands at offset \(from) and ends at \(end); name an offset behind the first "
                + "and not behind the second"
        )
    }

    static func nothingReadable(_ partition: TopicPartition, from: Int64) -> RepairError {
        RepairError(
            description:
                "no offset of \(partition) behind \(from) can be read so far; name one with --to, or see whether the "
                + "brokers serve"
        )
    }

    static func moved(_ partition: TopicPartition) -> RepairError {
        RepairError(
            description: "\(partition) was filed further meanwhile; nothing was changed, run `hera repair list` again"
        )
    }
}
