import Community
import ExactValues
package import GroundTruth
import PlainText

/// Compares what the topics and files hold with what the source sent. Pure.
///
/// Other systems may send to the same topics. Their records are only counted: a topic that has given more offsets than
/// the source has records holds foreign ones, and users may have that many more records than the source knows of.
package struct TruthCheck {
    /// How many users are named one by one.
    package static let usersNamedMax = 1_000

    package private(set) var reports: [TopicTruthReport] = []
    package private(set) var troubles: [AuditTrouble] = []
    package private(set) var notes: [AuditNote] = []

    private let truths: [GroundTruth]
    private let sums: UserSums
    /// Whether a run's numbers are missing, so that it is unknown what is foreign.
    private let isOpen: Bool

    /// Weighs the `topics` and the `sums` of the files against `truths`.
    package init(truths: [GroundTruth], topics: [TopicEvidence], sums: UserSums) {
        self.truths = truths
        self.sums = sums
        let running = truths.filter { $0.outcome == .running }
        isOpen = !running.isEmpty
        for truth in running {
            notes.append(
                AuditNote(
                    "the source's run \(truth.run) goes on, or died: its numbers are not known, so records beyond those "
                        + "of the other runs, and sums, are not judged"
                )
            )
        }
        for topic in CommunityTopic.allCases {
            guard let evidence = topics.first(where: { $0.topic == topic.name }) else { continue }
            check(topic, evidence)
        }
    }

    private mutating func check(_ topic: CommunityTopic, _ evidence: TopicEvidence) {
        let found = troubles.count
        // What was sent to a replaced topic says nothing of the one that has its name now. Until an operator accepts the
        // replacement, missing acknowledged records are a trouble.
        let since = evidence.emptiedAtMilliseconds ?? .min
        let present = truths.filter { ($0.endedAtMilliseconds ?? .max) > since }
        noteGivenUp(topic, runs: truths.count - present.count)
        let judged = present.filter { truth in
            truth.startedAtMilliseconds > since
                && (!evidence.isReplaced || truth[topic].isAbout(topicWithID: evidence.topicID))
        }
        let isPartial = judged.count < present.count
        if isPartial { noteEarlierRuns(topic, evidence, present) }
        let own = judged.map { $0[topic] }
        let acknowledged = own.reduce(into: RecordTotals()) { $0 += $1.acknowledged }
        let unresolved = own.reduce(into: RecordTotals()) { $0 += $1.unresolved }
        let known = Int64(acknowledged.count)
        let foreign = max(0, evidence.produced - known - Int64(unresolved.count))
        checkProduced(topic, evidence, own, countsReplaced: !isPartial)
        if foreign > 0, !isOpen, !isPartial {
            notes.append(
                AuditNote(
                    topic: topic.name,
                    "records from elsewhere: \(foreign). They are not the source's, and are filed like all others"
                )
            )
        }
        var lines: LineCheck?
        if foreign == 0, evidence.isComplete, !isOpen, !isPartial {
            checkCounts(topic, evidence, acknowledged, unresolved)
            let check = LineCheck(topic, evidence.lines, judged)
            troubles += check.troubles
            lines = check
        }
        let bad = Int64(acknowledged.unusableCount + unresolved.unusableCount)
        if let unreadable = sums.unreadable[topic.name], unreadable > foreign + bad, !isOpen {
            add(
                .countsDiffer,
                topic,
                what: "\(unreadable) lines have no user and amount, only \(foreign) records came from elsewhere"
                    + (bad > 0 ? " and the source sent \(bad) such lines" : ""),
                advice: "look for lines that were changed by hand"
            )
        }
        let users = topic == .users ? (known: 0, differing: 0) : checkUsers(topic, evidence, judged, foreign: foreign)
        let isJudged = evidence.isComplete && !isOpen && !isPartial
        var report = TopicTruthReport(
            topic: topic.name,
            acknowledged: known,
            unresolved: Int64(unresolved.count),
            produced: evidence.produced,
            foreign: isOpen ? nil : foreign,
            users: users.known,
            expectedHundredths: topic == .users || isOpen || isPartial ? nil : Int64(acknowledged.hundredths),
            filedHundredths: topic == .users ? nil : evidence.hundredths,
            holds: troubles.count > found ? false : isJudged ? true : nil
        )
        report.usersDiffering = users.differing
        report.takeDetails(lines, judged.map { $0[topic] })
        reports.append(report)
    }

    /// Runs of which nothing was left when the topic was emptied.
    private mutating func noteGivenUp(_ topic: CommunityTopic, runs: Int) {
        guard runs > 0 else { return }
        let words = runs == 1 ? "1 run of the source" : "\(runs) runs of the source"
        notes.append(
            AuditNote(topic: topic.name, "emptied with `hera reset` after \(words): what they sent is not judged")
        )
    }

    private mutating func noteEarlierRuns(
        _ topic: CommunityTopic,
        _ evidence: TopicEvidence,
        _ present: [GroundTruth]
    ) {
        for truth in present where truth.startedAtMilliseconds <= evidence.emptiedAtMilliseconds ?? .min {
            notes.append(
                AuditNote(
                    topic: topic.name,
                    "the source's run \(truth.run) was under way when the topic was emptied; it is not judged"
                )
            )
        }
        for truth in present where !truth[topic].isAbout(topicWithID: evidence.topicID) {
            notes.append(
                AuditNote(
                    topic: topic.name,
                    "the source's run \(truth.run) sent \(truth[topic].acknowledged.count) records to an earlier topic of "
                        + "this name, which was replaced; they are not judged"
                )
            )
        }
    }

    /// Every partition gave at least as many records as the source knows to be acknowledged. What a power cut took is a
    /// gap in its offsets: records that were acknowledged and are nowhere lie in it.
    private mutating func checkProduced(
        _ topic: CommunityTopic,
        _ evidence: TopicEvidence,
        _ own: [TopicTruth],
        countsReplaced: Bool
    ) {
        let isOther = own.contains { !$0.isAbout(topicWithID: evidence.topicID) }
        let partitions = own.map(\.acknowledgedByPartition.count).max() ?? 0
        for partition in 0..<partitions {
            let acknowledged = own.reduce(0) { sum, truth in
                sum + (partition < truth.acknowledgedByPartition.count ? truth.acknowledgedByPartition[partition] : 0)
            }
            let isKnown = partition < evidence.producedByPartition.count
            let replaced = isKnown && !countsReplaced ? evidence.replacedByPartition[partition] : 0
            let produced = isKnown ? evidence.producedByPartition[partition] - replaced : 0
            guard produced < acknowledged else { continue }
            let absent = isKnown ? evidence.absentByPartition[partition] : 0
            let gap =
                absent > 0
                ? "; \(acknowledged - Int(produced)) acknowledged records lie in the gap of \(absent) offsets that hold none"
                : ""
            troubles.append(
                AuditTrouble(
                    .recordsNotProduced,
                    topic: topic.name,
                    partition: Int32(partition),
                    what: "\(acknowledged) records were acknowledged to the source, the partition gave \(produced) "
                        + "records" + gap,
                    advice: Self.advice(hasGap: absent > 0, isOfOtherTopic: isOther)
                )
            )
        }
    }

    private static func advice(hasGap: Bool, isOfOtherTopic: Bool) -> String {
        if hasGap {
            return "a power cut took what was not flushed: send it again, and set `ingestor.flush` to `always` where "
                + "no acknowledged record may be lost to one"
        }
        if isOfOtherTopic {
            return "the topic was deleted and made again after the source sent to it: send again what is missing; "
                + "where it was deleted on purpose, move the runs' files out of the truth directory"
        }
        return "acknowledged records are gone: see whether the topic was deleted, or its log cut"
    }

    /// Where nothing is foreign and all is filed, values and tombstones are as many as the source sent.
    private mutating func checkCounts(
        _ topic: CommunityTopic,
        _ evidence: TopicEvidence,
        _ acknowledged: RecordTotals,
        _ unresolved: RecordTotals
    ) {
        let values = Int64(acknowledged.valueCount)...Int64(acknowledged.valueCount + unresolved.valueCount)
        let tombstones =
            Int64(acknowledged.tombstoneCount)...Int64(acknowledged.tombstoneCount + unresolved.tombstoneCount)
        let broken = Int64(acknowledged.brokenCount)...Int64(acknowledged.brokenCount + unresolved.brokenCount)
        guard
            !values.contains(evidence.filed) || !tombstones.contains(evidence.filtered)
                || !broken.contains(evidence.deadLettered)
        else { return }
        let isClean = broken.upperBound == 0 && evidence.deadLettered == 0
        add(
            .countsDiffer,
            topic,
            what: "the source sent \(acknowledged.valueCount) records with a value and \(acknowledged.tombstoneCount) "
                + "without\(isClean ? "" : ", and \(acknowledged.brokenCount) that are not JSON"), \(evidence.filed) were "
                + "filed and \(evidence.filtered) filtered"
                + (isClean ? "" : ", and \(evidence.deadLettered) set aside"),
            advice: "see what is wrong with this topic's partitions"
        )
    }

    private mutating func add(_ kind: AuditTrouble.Kind, _ topic: CommunityTopic, what: String, advice: String) {
        troubles.append(AuditTrouble(kind, topic: topic.name, what: what, advice: advice))
    }

    // MARK: - Users

    /// How many records of a topic, and their sum.
    private struct Amount: Equatable {
        var count = 0
        var hundredths = 0

        init() {}

        init(_ sums: TokenSums, of topic: CommunityTopic) {
            count = topic == .behaviours ? sums.earnedCount : sums.spentCount
            hundredths = topic == .behaviours ? sums.earnedHundredths : sums.spentHundredths
        }

        static func += (left: inout Amount, right: Amount) {
            left.count += right.count
            left.hundredths += right.hundredths
        }
    }

    /// Compares each user's sum.
    ///
    /// - Returns: how many users the source knows of, and how many of them have another sum.
    private mutating func checkUsers(
        _ topic: CommunityTopic,
        _ evidence: TopicEvidence,
        _ judged: [GroundTruth],
        foreign: Int64
    ) -> (known: Int, differing: Int) {
        let acknowledged = amounts(judged.flatMap(\.users), of: topic)
        let unresolved = amounts(judged.flatMap(\.unresolvedUsers), of: topic)
        var surplus: Int64 = 0
        var wrong: [(user: ExactText, found: Amount, sent: Amount)] = []
        for (user, sent) in acknowledged {
            let open = unresolved[user] ?? Amount()
            let found = sums.byUser[user].map { Amount($0, of: topic) } ?? Amount()
            surplus += Int64(max(0, found.count - sent.count - open.count))
            let isShort = found.count < sent.count && evidence.isComplete
            let isAltered = found.count == sent.count && found.hundredths != sent.hundredths && open.count == 0
            if isShort || isAltered { wrong.append((user, found, sent)) }
        }
        for (user, found) in sums.byUser where acknowledged[user] == nil {
            surplus += Int64(max(0, Amount(found, of: topic).count - (unresolved[user]?.count ?? 0)))
        }
        name(wrong.sorted { $0.user < $1.user }, topic)
        if surplus > foreign, !isOpen {
            add(
                .countsDiffer,
                topic,
                what: "the files hold \(surplus) records beyond the source's, but only \(foreign) came from elsewhere",
                advice: "look for lines that were added by hand, and for files that are there twice"
            )
        }
        return (acknowledged.count, wrong.count)
    }

    private func amounts(_ users: [UserTruth], of topic: CommunityTopic) -> [ExactText: Amount] {
        var amounts: [ExactText: Amount] = [:]
        for user in users {
            let amount = Amount(user.sums, of: topic)
            if amount.count > 0 { amounts[ExactText(user.id), default: Amount()] += amount }
        }
        return amounts
    }

    private mutating func name(_ wrong: [(user: ExactText, found: Amount, sent: Amount)], _ topic: CommunityTopic) {
        let verb = topic == .behaviours ? "earned" : "spent"
        for (user, found, sent) in wrong.prefix(Self.usersNamedMax) {
            troubles.append(
                AuditTrouble(
                    .sumsDiffer,
                    topic: topic.name,
                    user: user.string,
                    what: "the source's records say that the user \(verb) "
                        + "\(NumberText.plain(hundredths: Int64(sent.hundredths))) tokens in \(sent.count) records, the files say "
                        + "\(NumberText.plain(hundredths: Int64(found.hundredths))) in \(found.count)",
                    advice: "look for the user's lines in the files named above, or for a line that was changed by hand"
                )
            )
        }
        if wrong.count > Self.usersNamedMax {
            add(
                .sumsDiffer,
                topic,
                what: "\(wrong.count - Self.usersNamedMax) more users have other sums than the source knows",
                advice: "see what is wrong with this topic's partitions"
            )
        }
    }
}

/// What the audit of a topic's partitions found, for the comparison with what the source knows.
package struct TopicEvidence: Hashable, Sendable {
    package var topic: String
    /// How many records each partition gave, beginning with partition 0: its offsets without those that have no record.
    package var producedByPartition: [Int64]
    /// How many offsets of each partition have no record.
    package var absentByPartition: [Int64]
    /// How many of these records each partition gave before its log was replaced.
    package var replacedByPartition: [Int64]
    package var filed: Int64
    package var filtered: Int64
    package var deadLettered: Int64
    /// Whether all that was produced is filed, filtered or set aside: nothing in flight, lost, or before the beginning.
    package var isComplete: Bool
    /// The topic's id; `nil` where the broker does not tell it.
    package var topicID: String?
    /// Whether an operator accepted that the topic's log replaces an earlier one.
    package var isReplaced: Bool
    /// When the topic was emptied last, in milliseconds since 1970.
    package var emptiedAtMilliseconds: Int64?
    /// Sum of the amounts in the files, in hundredths of a token.
    package var hundredths: Int64 = 0
    /// The lines of the files.
    package var lines = FiledLines()

    package init(topic: String, reports: [PartitionReport]) {
        let own = reports.filter { $0.topic == topic }.sorted { $0.partition < $1.partition }
        self.topic = topic
        let count = own.last.map { Int($0.partition) + 1 } ?? 0
        producedByPartition = Array(repeating: 0, count: count)
        absentByPartition = producedByPartition
        replacedByPartition = producedByPartition
        for report in own {
            // Offsets that were given up are those of runs that are not judged any more.
            let own = report.produced - report.emptied
            producedByPartition[Int(report.partition)] = own - report.absent + report.replaced
            absentByPartition[Int(report.partition)] = report.absent
            replacedByPartition[Int(report.partition)] = report.replaced
        }
        filed = own.reduce(0) { $0 + $1.filed + $1.filedEarlier }
        filtered = own.reduce(0) { $0 + $1.filtered }
        deadLettered = own.reduce(0) { $0 + $1.deadLettered }
        isReplaced = own.contains { $0.lineage > 1 }
        isComplete = own.allSatisfy { report in
            report.filed + report.filtered + report.deadLettered + report.absent == report.produced - report.emptied
        }
        emptiedAtMilliseconds = own.compactMap(\.emptiedAtMilliseconds).max()
    }

    package var produced: Int64 { producedByPartition.reduce(0, +) }
}
