package import Report

/// What came out of a demo.
package struct DemoSummary: Sendable {
    /// Events that the ingestor acknowledged.
    package let events: Int
    /// Of these, events without content.
    package let tombstones: Int
    package let report: ReportSummary

    /// For a newcomer: what happened, what it means, what to look at.
    package var text: String {
        let segments = report.segments.map { "    \($0.number). \($0.name): \(DemoText.number($0.users)) users" }
        return """

            \(DemoText.number(report.users)) customers did \(DemoText.number(report.behaviours)) sustainable things and \
            bought \(DemoText.number(report.prizes)) prizes.
            Every one of the \(DemoText.number(events)) events went through the Kafka protocol and is in \
            a file exactly once
            (\(DemoText.number(tombstones)) events without content were filtered, as they should be).

            Their \(report.segments.count) segments:
            \(segments.joined(separator: "\n"))

            Open the report: \(report.written.first ?? "")
            """
    }
}
