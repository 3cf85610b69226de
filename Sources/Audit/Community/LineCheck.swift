package import Community
package import GroundTruth
import PlainText

/// Compares the lines of a topic's files with what the source says of its records, where the topic holds nothing else and
/// all of it is filed: line by line through digests, and hour by hour. Pure.
package struct LineCheck {
    /// Bounds of what is named.
    package enum Limits {
        /// How many hours are named one by one.
        package static let hoursNamedMax = 20
    }

    /// Partitions whose lines are not those that were sent; `nil` where that is not known.
    package private(set) var partitionsDiffering: Int?
    /// Hours that were compared; `nil` where none could be.
    package private(set) var hours: Int?
    /// Of these, hours with other counts or sums.
    package private(set) var hoursDiffering = 0
    package private(set) var troubles: [AuditTrouble] = []

    private let topic: CommunityTopic

    /// - Parameter truths: all runs whose records are in the topic.
    package init(_ topic: CommunityTopic, _ lines: FiledLines, _ truths: [GroundTruth]) {
        self.topic = topic
        let own = truths.map { $0[topic] }
        guard !own.isEmpty, own.allSatisfy({ $0.digests != nil && $0.unresolved.count == 0 }) else { return }
        checkDigests(lines, own.compactMap(\.digests))
        guard lines.undated == 0 else { return }
        checkHours(lines, truths, undated: own.reduce(0) { $0 + Int64($1.undated?.valueCount ?? 0) })
    }

    private mutating func checkDigests(_ lines: FiledLines, _ sent: [[LineDigest]]) {
        var differing = 0
        let sentMax = sent.map(\.count).max() ?? 0
        for partition in Set(lines.digests.keys).union((0..<sentMax).map(Int32.init)).sorted() {
            var expected = LineDigest()
            for digests in sent where Int(partition) < digests.count { expected += digests[Int(partition)] }
            let found = lines.digests[partition] ?? LineDigest()
            guard found != expected else { continue }
            differing += 1
            troubles.append(
                AuditTrouble(
                    .linesDiffer,
                    topic: topic.name,
                    partition: partition,
                    what: found.count == expected.count
                        ? "the files hold as many lines as the source sent, \(found.count), but other ones"
                        : "the source sent \(expected.count) lines, the files hold \(found.count)",
                    advice: "see what is wrong with this partition's files"
                )
            )
        }
        partitionsDiffering = differing
    }

    /// A record that got its time when it was sent, close to a full hour, may be in the hour before or after.
    private mutating func checkHours(_ lines: FiledLines, _ truths: [GroundTruth], undated: Int64) {
        var expected: [Int32: FiledLines.Hour] = [:]
        for hour in truths.flatMap(\.hours) where hour.topic == topic && hour.acknowledged.valueCount > 0 {
            expected[hour.hour, default: .init()].count += Int64(hour.acknowledged.valueCount)
            expected[hour.hour, default: .init()].hundredths += Int64(hour.acknowledged.hundredths)
        }
        let all = Set(expected.keys).union(lines.hours.keys).sorted()
        let wrong = all.filter { hour in
            let (sent, found) = (expected[hour] ?? .init(), lines.hours[hour] ?? .init())
            if undated == 0 { return found != sent }
            return found.count < sent.count || found.count > sent.count + undated
        }
        hours = all.count
        hoursDiffering = wrong.count
        for hour in wrong.prefix(Limits.hoursNamedMax) {
            let (sent, found) = (expected[hour] ?? .init(), lines.hours[hour] ?? .init())
            troubles.append(
                AuditTrouble(
                    .sumsDiffer,
                    topic: topic.name,
                    what: "in the hour from \(TimeText.utc(milliseconds: Int64(hour) * 3_600_000)) the source sent "
                        + "\(sent.count) records of \(NumberText.plain(hundredths: sent.hundredths)) tokens, the files of "
                        + "this hour hold \(found.count) of \(NumberText.plain(hundredths: found.hundredths))",
                    advice: "see what is wrong with this topic's partitions"
                )
            )
        }
    }
}
