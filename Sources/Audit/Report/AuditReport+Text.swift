extension AuditReport {
    /// The report for a person: a table, then each trouble with its place and what to do next.
    package var text: String {
        var lines = table(
            ["topic", "partition", "produced", "filed", "filtered", "dead letters", "in flight", "lost", "files", ""],
            partitions.map(cells)
        )
        if !truth.isEmpty {
            lines.append("")
            lines += table(
                ["topic", "acknowledged", "foreign", "users compared", "tokens sent", "tokens filed", ""],
                truth.map(cells)
            )
        }
        if !notes.isEmpty {
            lines.append("")
            lines += notes.map { note in place(note.topic, note.partition).map { "\($0): \(note.text)" } ?? note.text }
        }
        for trouble in troubles.prefix(Self.troublesShownMax) {
            lines.append("")
            lines += paragraph(trouble)
        }
        if troubles.count > Self.troublesShownMax {
            lines += ["", "and \(troubles.count - Self.troublesShownMax) more; --json shows all of them"]
        }
        lines += ["", verdict]
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many troubles are spelled out for a person.
    private static let troublesShownMax = 20

    private var verdict: String {
        guard holds else {
            return "The audit does not hold: \(troubles.count) \(troubles.count == 1 ? "trouble" : "troubles")."
        }
        let filed = partitions.reduce(0) { $0 + $1.filed }
        let inFlight = partitions.reduce(0) { $0 + $1.inFlight }
        let rest = inFlight == 0 ? "nothing is in flight" : "\(inFlight) in flight"
        return "The audit holds: \(filed) records filed once each, none missing, \(rest)."
    }

    private func cells(_ report: PartitionReport) -> [String] {
        [
            report.topic, String(report.partition), String(report.produced), String(report.filed),
            String(report.filtered), String(report.deadLettered), String(report.inFlight), String(report.lost),
            String(report.files), report.holds ? "ok" : "WRONG",
        ]
    }

    private func cells(_ report: TopicTruthReport) -> [String] {
        [
            report.topic, String(report.acknowledged), String(report.foreign), String(report.users),
            Self.tokens(report.expectedHundredths), Self.tokens(report.filedHundredths),
            report.holds ? "ok" : "WRONG",
        ]
    }

    private func paragraph(_ trouble: AuditTrouble) -> [String] {
        var place = place(trouble.topic, trouble.partition) ?? "audit"
        if let first = trouble.firstOffset, let last = trouble.lastOffset {
            place += first == last ? ", offset \(first)" : ", offsets \(first)–\(last)"
        }
        if let user = trouble.user { place += ", user \(user)" }
        let path = trouble.path.map { ["  file  \($0)"] } ?? []
        return [place] + path + ["  what  \(trouble.what)", "  next  \(trouble.advice)"]
    }

    private func place(_ topic: String?, _ partition: Int32?) -> String? {
        topic.map { topic in partition.map { "\(topic)-\($0)" } ?? topic }
    }

    /// Hundredths of a token as tokens, exactly.
    static func tokens(_ hundredths: Int64) -> String {
        let (whole, part) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(hundredths < 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
    }

    /// Columns as wide as their longest cell; words to the left, numbers to the right.
    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                let isWord = column == 0 || column == row.count - 1
                return isWord ? row[column] + blanks : blanks + row[column]
            }
            let line = cells.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
        }
    }
}
