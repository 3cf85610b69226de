import PlainText

extension AuditReport {
    /// Bounds of what the text shows; `--json` has all of it.
    private enum Limits {
        static let troublesShownMax = 20
        static let causesShownMax = 10
        static let topicsShownMax = 20
    }

    /// What stands in place of a figure that nothing is known about.
    private static let notJudged = "not judged"

    /// The report as text: a table, then each trouble with its place and what to do next.
    package var text: String {
        let hasSkipped = partitions.contains { $0.skipped > 0 }
        let hasEarlier = partitions.contains { $0.filedEarlier > 0 }
        var lines = table(
            ["topic", "partition", "produced", "filed"] + (hasEarlier ? ["filed earlier"] : [])
                + ["compared", "filtered", "dead letters", "in flight", "lost"] + (hasSkipped ? ["skipped"] : [])
                + ["files", ""],
            partitions.map { cells($0, hasEarlier, hasSkipped) }
        )
        lines.append("")
        if truth.isEmpty {
            lines.append("What the source sent: \(Self.notJudged), there is no ground truth of it.")
        } else {
            lines += table(
                ["topic", "acknowledged", "foreign", "users compared", "tokens sent", "tokens filed", ""],
                truth.map(cells)
            )
        }
        lines += section("In flight:", partitions.filter { $0.inFlight > 0 }.map(waiting))
        lines += section(
            "Dead letters by cause:",
            shown(deadLetters, Limits.causesShownMax) { "\($0.records)  \($0.stage): \($0.message) (\($0.exception))" }
        )
        lines += section(
            "Topics that no sink files:",
            shown(unfiledTopics, Limits.topicsShownMax) { topic in
                "\(topic.topic), \(topic.records.map(PartitionFindings.records) ?? "an unknown number of records")"
            }
        )
        lines += section(
            "",
            notes.map { note in place(note.topic, note.partition).map { "\($0): \(note.text)" } ?? note.text }
        )
        for trouble in troubles.prefix(Limits.troublesShownMax) {
            lines.append("")
            lines += paragraph(trouble)
        }
        if troubles.count > Limits.troublesShownMax {
            lines += ["", "and \(troubles.count - Limits.troublesShownMax) more; --json shows all of them"]
        }
        lines += ["", conclusion]
        // Names of topics, users and paths are from outside.
        return lines.map { PrintableText.escaping($0) }.joined(separator: "\n")
    }

    private var conclusion: String {
        guard holds else {
            return "The audit does not hold: \(troubles.count) \(troubles.count == 1 ? "trouble" : "troubles")."
        }
        let filed = partitions.reduce(0) { $0 + $1.filed }
        let compared = partitions.reduce(0) { $0 + $1.compared }
        let inFlight = partitions.reduce(0) { $0 + $1.inFlight }
        let rest = inFlight == 0 ? "nothing is in flight" : "\(inFlight) in flight"
        let equal =
            compared == filed
            ? "each is what the topic holds" : "\(compared) of them compared with what the topic still holds"
        return "The audit holds: \(filed) records filed once each, none missing, \(equal), \(rest)."
    }

    private func cells(_ report: PartitionReport, _ hasEarlier: Bool, _ hasSkipped: Bool) -> [String] {
        let letters = report.deadLettersJudged ? String(report.deadLettered) : Self.notJudged
        let state = report.holds ? report.uncheckedFiles == 0 ? "ok" : Self.notJudged : "WRONG"
        let counts = [report.compared, report.filtered].map { String($0) }
        let ends = [report.inFlight, report.lost].map { String($0) }
        return [report.topic, String(report.partition), String(report.produced), String(report.filed)]
            + (hasEarlier ? [String(report.filedEarlier)] : []) + counts + [letters] + ends
            + (hasSkipped ? [String(report.skipped)] : []) + [String(report.files), state]
    }

    private func cells(_ report: TopicTruthReport) -> [String] {
        let hasAmounts = report.filedHundredths != nil
        let unknown = hasAmounts ? Self.notJudged : "-"
        return [
            report.topic, String(report.acknowledged), report.foreign.map { String($0) } ?? Self.notJudged,
            hasAmounts ? String(report.users) : "-",
            report.expectedHundredths.map { NumberText.plain(hundredths: $0) } ?? unknown,
            report.filedHundredths.map { NumberText.plain(hundredths: $0) } ?? unknown,
            report.holds.map { $0 ? "ok" : "WRONG" } ?? Self.notJudged,
        ]
    }

    private func waiting(_ report: PartitionReport) -> String {
        let since = report.inFlightSinceMilliseconds.map { "since \(TimeText.utc(milliseconds: $0))" }
        return "\(report.topic)-\(report.partition): \(report.inFlight), \(since ?? "since when is \(Self.notJudged)")"
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        guard !lines.isEmpty else { return [] }
        return title.isEmpty ? [""] + lines : ["", title] + lines.map { "  " + $0 }
    }

    private func shown<Element>(_ all: [Element], _ count: Int, _ line: (Element) -> String) -> [String] {
        let more = all.count - count
        return all.prefix(count).map(line) + (more > 0 ? ["and \(more) more; --json shows all of them"] : [])
    }

    private func paragraph(_ trouble: AuditTrouble) -> [String] {
        var place = place(trouble.topic, trouble.partition) ?? "audit"
        if let first = trouble.firstOffset, let last = trouble.lastOffset {
            place += first == last ? ", offset \(first)" : ", offsets \(first)–\(last)"
        }
        if let user = trouble.user { place += ", user \(user)" }
        let path = trouble.path.map { ["  file  \($0)"] } ?? []
        let since = trouble.sinceMilliseconds.map { ["  since \(TimeText.utc(milliseconds: $0))"] } ?? []
        return [place] + path + since + ["  what  \(trouble.what)", "  next  \(trouble.advice)"]
    }

    private func place(_ topic: String?, _ partition: Int32?) -> String? {
        topic.map { topic in partition.map { "\(topic)-\($0)" } ?? topic }
    }

    /// The first and the last column hold words, the others numbers.
    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        TextTable(head, rows, rightAligned: .columns(1..<head.count - 1)).lines
    }
}
