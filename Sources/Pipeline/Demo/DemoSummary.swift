import PlainText
package import Report

/// What came out of a demo.
package struct DemoSummary: Sendable, Encodable {
    /// Events that the ingestor acknowledged.
    package let events: Int
    /// Of these, events without content.
    package let tombstones: Int
    package let report: ReportSummary

    /// For a newcomer: what happened, what it means, what to look at.
    ///
    /// - Parameter flags: what a further command needs to find the same directory: nothing, or ` --data DIR`.
    package func text(flags: String) -> String {
        let segments = report.segments.map { "    \($0.number). \($0.name): \(NumberText.whole($0.users)) users" }
        return """

            \(NumberText.whole(report.users)) customers did \(NumberText.whole(report.behaviours)) sustainable things and \
            bought \(NumberText.whole(report.prizes)) prizes.
            All \(NumberText.whole(events)) events went through the Kafka protocol. \
            \(NumberText.whole(events - tombstones)) are in a file, each exactly once;
            the other \(NumberText.whole(tombstones)) are events without content, which are filtered as they should be.

            Their \(report.segments.count) segments:
            \(segments.joined(separator: "\n"))

            Open the report: \(report.written.first ?? "")
            Go on: `hera audit\(flags)` proves it again, `hera analyze\(flags)` makes the report anew, `hera up\(flags)` takes
            your own events in.
            """
    }
}
