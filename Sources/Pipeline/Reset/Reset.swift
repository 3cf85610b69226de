import Audit
import CommitLedger
import ConnectRuntime
import KafkaClient
import KafkaTopics
package import Logging
import PlainText
import Storage

/// Empties topics, raw and clean zone, and gives the sink its new place, while no sink runs.
///
/// The commit records come first: from then on nothing that is deleted afterwards is needed or missed, so a reset that died
/// after any step is run again and goes on. Section 11 of `docs/specs/commit-protocol.md` has the rules.
package struct Reset: Sendable {
    /// Bounds of the work.
    enum Limits {
        /// How often a partition is taken over for one decision.
        static let takeoversMax = 10
    }

    /// The clean zone lies beside the raw one.
    private static let cleanZone = "clean_data"

    private let target: SinkTarget
    /// The topics that the connector files.
    private let filedTopics: [String]
    private let deadLetterTopic: String
    private let logger: Logger
    /// The wall clock, in milliseconds since 1970: for records.
    private let now: @Sendable () -> Int64

    /// - Throws: what is wrong with the connector's settings.
    package init(
        _ configuration: PipelineConfiguration,
        _ target: SinkTarget,
        now: @escaping @Sendable () -> Int64 = WallClock.milliseconds,
        logger: Logger
    ) throws {
        self.target = target
        self.now = now
        self.logger = logger
        filedTopics = try configuration.audit(client: target.client, storage: target.storage).topics
        deadLetterTopic = configuration.sink.deadLetterTopic
    }

    // MARK: - Planning

    /// What a reset of `scope` would do; nothing is changed.
    package func plan(_ scope: ResetScope) async throws -> ResetPlan {
        try await withAdmin(target.client, logger: logger) { admin in try await plan(scope, admin) }
    }

    private func plan(_ scope: ResetScope, _ admin: KafkaAdmin) async throws -> ResetPlan {
        var plan = ResetPlan(scope)
        let existing = try await topics(of: scope, admin)
        let connectors = try await connectors()
        try await requireNoSink(connectors.keys, admin)
        for topic in names(scope) {
            let isThere = existing[topic] != nil
            let filers = connectors.filter { $0.value.contains { $0.topic == topic } }.map(\.key)
            let directory = try target.topicsDirectory.appending(topic)
            let isFiled = try await target.storage.status(of: directory) != nil
            guard isThere || isFiled || !filers.isEmpty || scope.topics == nil else {
                throw ResetError.unknownTopic(topic)
            }
            var found = ResetPlan.Topic(topic)
            if scope.parts.contains(.topics), isThere { try await planDeletion(topic, admin, &found, &plan) }
            if scope.parts.contains(.files) { try await planClearing(topic, directory, &found, &plan) }
            for connector in Set(filers + (filedTopics.contains(topic) ? [target.connector] : [])).sorted() {
                let own = (connectors[connector] ?? []).filter { $0.topic == topic }
                try await planDecisions(connector, (existing[topic] ?? []).union(own), admin, &found, &plan)
                // They explain the files: they go only with these.
                if scope.parts.isSuperset(of: [.files, .commits]) {
                    try await planRecords(topic, of: connector, &found, &plan)
                }
            }
            plan.topics.append(found)
        }
        if scope.parts.contains(.files), scope.topics == nil { try await planCleanZone(&plan) }
        return plan
    }

    /// The topics that are emptied, each once.
    private func names(_ scope: ResetScope) -> [String] {
        var seen: Set<String> = []
        return (scope.topics ?? filedTopics + [deadLetterTopic]).filter { seen.insert($0).inserted }
    }

    /// Those of them that the cluster has, with their partitions.
    private func topics(of scope: ResetScope, _ admin: KafkaAdmin) async throws -> [String: Set<TopicPartition>] {
        let wanted = Set(names(scope))
        for topic in wanted {
            if let problem = TopicName.problem(with: topic) { throw ResetError.badTopic(problem) }
            if TopicName.isInternal(topic) { throw ResetError.internalTopic(topic) }
        }
        let existing = try await admin.topics().filter { wanted.contains($0.name) }
        if scope.parts.contains(.topics) {
            for (topic, answer) in try await admin.describeConfigs(ofTopics: Set(existing.map(\.name))) {
                let policy = try? answer.get().first { $0.name == "cleanup.policy" }?.value
                if let policy, !policy.contains("delete") { throw ResetError.compacted(topic) }
            }
        }
        return existing.reduce(into: [:]) { $0[$1.name] = Set($1.topicPartitions) }
    }

    /// The connectors that have commit records in this storage, and the partitions that each of them filed.
    private func connectors() async throws -> [String: [TopicPartition]] {
        var found: [String: [TopicPartition]] = [target.connector: []]
        for entry in try await target.storage.list(target.logsDirectory) where entry.isDirectory {
            found[entry.path.name] = try await reader(of: entry.path.name).partitions()
        }
        return found
    }

    private func requireNoSink(_ connectors: some Collection<String>, _ admin: KafkaAdmin) async throws {
        for connector in connectors.sorted() {
            let group = try await admin.describeGroup(ConnectorSettings.group(ofConnector: connector))
            if group.isActive { throw ResetError.sinkRuns(group) }
        }
    }

    private func planDeletion(
        _ topic: String,
        _ admin: KafkaAdmin,
        _ found: inout ResetPlan.Topic,
        _ plan: inout ResetPlan
    ) async throws {
        let deletion = try await admin.recordDeletion(of: TopicSelection(topic: topic), before: .latest)
        found.records = deletion.count
        plan.deletions.append(deletion)
    }

    private func planClearing(
        _ topic: String,
        _ directory: StoragePath,
        _ found: inout ResetPlan.Topic,
        _ plan: inout ResetPlan
    ) async throws {
        let clean = try cleanDirectory.appending(topic)
        for place in [directory, clean] { try requireApart(place) }
        let zone = ZoneClearing(storage: target.storage)
        let raw = try await zone.content(of: directory)
        let cleaned = try await zone.content(of: clean)
        (found.files, found.bytes) = (raw.files, raw.bytes)
        (found.cleanFiles, found.cleanBytes) = (cleaned.files, cleaned.bytes)
        plan.cleanDirectories.append(clean)
    }

    /// Where no topic is named, all of the clean zone goes.
    private func planCleanZone(_ plan: inout ResetPlan) async throws {
        try requireApart(try cleanDirectory)
        let all = try await ZoneClearing(storage: target.storage).content(of: try cleanDirectory)
        plan.otherCleanFiles = max(0, all.files - plan.topics.reduce(0) { $0 + $1.cleanFiles })
        plan.cleanDirectories = [try cleanDirectory]
    }

    /// Deleting `directory` must take neither the raw zone with it nor the commit records.
    private func requireApart(_ directory: StoragePath) throws {
        for place in [target.topicsDirectory, target.logsDirectory]
        where (place.string + "/").hasPrefix(directory.string + "/") {
            throw ResetError.overlap(directory, place)
        }
    }

    private var cleanDirectory: StoragePath {
        get throws(StorageError) { try target.topicsDirectory.parent.appending(Self.cleanZone) }
    }

    private func planRecords(
        _ topic: String,
        of connector: String,
        _ found: inout ResetPlan.Topic,
        _ plan: inout ResetPlan
    ) async throws {
        // Where the newest record is not one of a reset, the archive has the one that says when it was emptied.
        let explained = plan.decisions.filter { $0.connector == connector && $0.partition.topic == topic }
            .filter { $0.isDue || $0.known.map { $0.kind == .reset && $0.emptied == $0.lineage } ?? false }.map {
                "\($0.partition.partition)"
            }
        let directory = try target.logsDirectory.appending("\(connector)/\(topic)")
        for partition in try await target.storage.list(directory)
        where partition.isDirectory && explained.contains(partition.path.name) {
            let archive = try partition.path.appending(CommitLayout.archiveName)
            found.commitRecords += try await ZoneClearing(storage: target.storage).content(of: archive).files
            plan.archives.append(archive)
        }
    }

    private func planDecisions(
        _ connector: String,
        _ partitions: Set<TopicPartition>,
        _ admin: KafkaAdmin,
        _ found: inout ResetPlan.Topic,
        _ plan: inout ResetPlan
    ) async throws {
        var logs = try await RepairKafka.logs(of: partitions.sorted(), admin)
        // What comes in after the plan was made stays, and is filed.
        for deletion in plan.deletions where deletion.topic == found.topic {
            for own in deletion.partitions {
                let partition = TopicPartition(topic: deletion.topic, partition: own.partition)
                logs[partition]?.offsets = own.logStartOffset..<own.endOffset
            }
        }
        let group = ConnectorSettings.group(ofConnector: connector)
        let committed = try await admin.committedOffsets(ofGroup: group, Set(logs.keys))
        for partition in partitions.sorted() {
            let (known, damaged) = try await newest(of: partition, connector, plan.scope)
            let log = logs[partition]
            let emptying = emptying(after: known, log, plan.scope)
            let place = plan.scope.place == .unchanged ? nil : emptying.next
            if let unfiled = emptying.unfiled {
                found.unfiled += max(0, unfiled.next - max(unfiled.first, log?.offsets.lowerBound ?? 0))
            }
            plan.decisions.append(
                ResetPlan.Decision(
                    connector: connector,
                    partition: partition,
                    known: known,
                    damaged: damaged,
                    log: log,
                    isDue: isDue(emptying, after: known, log, filesExist: found.files > 0),
                    groupOffset: committed[partition].flatMap { offset in place.flatMap { $0 == offset ? nil : $0 } }
                )
            )
        }
    }

    /// The newest record that can be used, and the damaged ones behind it.
    private func newest(
        of partition: TopicPartition,
        _ connector: String,
        _ scope: ResetScope
    ) async throws -> (CommitRecord?, damaged: [Int64]) {
        let reader = try reader(of: connector)
        var damaged: [Int64] = []
        while true {
            switch try await reader.newest(of: partition, below: damaged.last ?? .max) {
            case .none: return (nil, damaged)
            case .record(let stored): return (stored.record, damaged)
            case .unusable(let sequence, let path, let reason):
                // Which files it may have committed does not matter where all of them go.
                guard !reason.isNewer, scope.parts.isSuperset(of: [.files, .commits]) else {
                    let cure = reason.isNewer ? "run that version" : "run `hera repair accept \(partition)` first"
                    throw ResetError.unusable(partition, "\(path) cannot be used: \(reason)", cure: cure)
                }
                damaged.append(sequence)
            }
        }
    }

    private func reader(of connector: String) throws(StorageError) -> CommitRecordReader {
        try CommitRecordReader(storage: target.storage, logsDirectory: target.logsDirectory, connector: connector)
    }

    // MARK: - Deciding

    /// What the record of a partition says after `known`, the newest one.
    private func emptying(after known: CommitRecord?, _ log: LogState?, _ scope: ResetScope) -> Emptying {
        let next = known?.next
        let isSameLog = isSame(known, log)
        let place =
            switch scope.place {
            case .end: log?.offsets.upperBound ?? 0
            case .start: log?.offsets.lowerBound ?? 0
            case .unchanged: next ?? 0
            }
        let isUnchanged = scope.place == .unchanged
        // A log that was made again numbers its records anew: none of them is filed.
        let filedTo = isSameLog ? next ?? 0 : 0
        return Emptying(
            next: place,
            fingerprint: place == next && isSameLog || isUnchanged ? known?.fingerprint : nil,
            topicID: isUnchanged ? known?.topicID : log?.topicID,
            unfiled: filedTo < place && !isUnchanged ? .init(first: filedTo, next: place) : nil,
            clearsFiles: scope.parts.contains(.files),
            reason: "hera reset of \(scope.parts.map(\.rawValue).sorted().joined(separator: ", "))",
            time: now()
        )
    }

    /// Whether the log is the one whose offsets a record speaks of, as far as is known without reading it.
    private func isSame(_ known: CommitRecord?, _ log: LogState?) -> Bool {
        guard let known, let log else { return known == nil }
        if let filed = known.topicID, let found = log.topicID { return filed == found }
        return known.next ?? 0 <= log.offsets.upperBound
    }

    /// Whether a record is needed: the place moves, or files that records speak of are given up.
    private func isDue(_ emptying: Emptying, after known: CommitRecord?, _ log: LogState?, filesExist: Bool) -> Bool {
        guard let known else { return emptying.next > 0 || emptying.clearsFiles && filesExist }
        if emptying.clearsFiles, known.totals.rows + known.earlier.rows > 0 { return true }
        let isOtherTopic = known.topicID != nil && emptying.topicID != nil && known.topicID != emptying.topicID
        return known.next ?? 0 != emptying.next || isOtherTopic
    }

    // MARK: - Doing

    /// Carries a plan out. What died on its way is run again, with a new plan.
    ///
    /// - Parameter onStep: called with what was just done.
    package func carryOut(_ plan: ResetPlan, onStep: (String) throws -> Void = { _ in }) async throws {
        try await withAdmin(target.client, logger: logger) { admin in try await carryOut(plan, admin, onStep) }
    }

    private func carryOut(
        _ plan: ResetPlan,
        _ admin: KafkaAdmin,
        _ onStep: (String) throws -> Void
    ) async throws {
        try await requireNoSink(Set(plan.decisions.map(\.connector) + [target.connector]), admin)
        try await requireUnmoved(plan)
        var placed: [TopicPartition: CommitRecord] = [:]
        for decision in plan.decisions {
            guard let record = try await carryOut(decision, plan.scope) else { continue }
            placed[decision.partition] = record
            guard decision.isDue, let next = record.next else { continue }
            try onStep("\(decision.partition): the sink goes on at offset \(next)")
        }
        try await emptyTopics(plan, admin, onStep)
        guard plan.scope.parts.contains(.files) else { return }
        let zone = ZoneClearing(storage: target.storage)
        // Of a topic without files when the plan was made, none are deleted: those are of a sink that has begun since.
        for topic in plan.topics.filter({ $0.files > 0 }).map(\.topic) {
            try await zone.clear(target.topicsDirectory.appending(topic)) { path in
                // A sink that has begun since the records were placed files in the new lineage.
                guard let name = FinalName(path.name, of: topic), let record = placed[name.partition] else {
                    return false
                }
                return name.lineage == record.lineage && name.first >= record.next ?? .max
            }
            try onStep("\(topic): files deleted")
        }
        for directory in plan.cleanDirectories { try await zone.clear(directory) }
        for archive in plan.archives { try await zone.clear(archive) }
    }

    /// Nothing has been filed since the plan was made: by a sink that has ended meanwhile, too.
    private func requireUnmoved(_ plan: ResetPlan) async throws {
        let topics = Set(plan.topics.map(\.topic))
        for (connector, own) in Dictionary(grouping: plan.decisions, by: \.connector) {
            let filed = try await reader(of: connector).partitions().filter { topics.contains($0.topic) }
            let unplanned = Set(filed).subtracting(own.map(\.partition))
            if let partition = unplanned.min() { throw ResetError.moved(partition) }
            for decision in own {
                let (newest, _) = try await newest(of: decision.partition, connector, plan.scope)
                guard newest?.sequence == decision.known?.sequence else { throw ResetError.moved(decision.partition) }
            }
        }
    }

    private func emptyTopics(
        _ plan: ResetPlan,
        _ admin: KafkaAdmin,
        _ onStep: (String) throws -> Void
    ) async throws {
        for (connector, own) in Dictionary(grouping: plan.decisions, by: \.connector) {
            let offsets = own.compactMap { each in each.groupOffset.map { (each.partition, $0) } }
            try await admin.alterOffsets(
                ofGroup: ConnectorSettings.group(ofConnector: connector),
                Dictionary(offsets) { first, _ in first }
            )
        }
        for deletion in plan.deletions where deletion.count > 0 {
            try await admin.apply(deletion)
            try onStep("\(deletion.topic): \(NumberText.count(Int(deletion.count), "record")) deleted")
        }
    }

    /// Places the record of one partition, where one is due.
    ///
    /// - Returns: the partition's newest record; `nil` where it has none.
    private func carryOut(_ decision: ResetPlan.Decision, _ scope: ResetScope) async throws -> CommitRecord? {
        var target = target
        target.connector = decision.connector
        for sequence in decision.damaged {
            guard try await target.ledger(of: decision.partition, for: "reset", logger: logger).setAside(sequence)
            else { throw ResetError.moved(decision.partition) }
        }
        guard decision.isDue else { return decision.known }
        for _ in 0..<Limits.takeoversMax {
            var ledger = try target.ledger(of: decision.partition, for: "reset", logger: logger)
            guard case .tookOver(let record) = try await ledger.takeOver(time: now(), topicID: decision.log?.topicID)
            else { continue }
            let isKnown = decision.known.map { $0.next == record.next && $0.lineage == record.lineage } ?? true
            guard isKnown else { throw ResetError.moved(decision.partition) }
            // Without a record, final names or nothing told the place.
            guard record.next != nil || scope.place != .unchanged else { return record }
            let proposal = RepairProposal.empty(emptying(after: record, decision.log, scope))
            if case .committed(let written) = try await ledger.repair(proposal) { return written }
        }
        throw ResetError.moved(decision.partition)
    }
}
