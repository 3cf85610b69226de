import Audit
import Testing

@Suite struct AuditTroubleLocatedTests {
    private let trouble = AuditTrouble(
        .linesMissing,
        topic: "premi",
        partition: 0,
        path: "file",
        offsets: 0...99,
        what: "the file lacks lines",
        advice: ""
    )

    /// A topic of `users`' records, of which the file has the lines that are not `missing`, and some others behind them.
    private func difference(users: [String], missing: Set<Int>, others: Int = 0) -> LineDifference {
        let lines = users.indices.filter { !missing.contains($0) } + (0..<others).map { -1 - $0 }
        let records = users.enumerated().map { LineDifference.Record(offset: Int64($0), line: $0, key: $1) }
        return LineDifference(lines: lines, records: records)
    }

    @Test func oneUsersRecordsNameTheUser() {
        let located = trouble.located(by: difference(users: ["a", "b", "b"], missing: [1, 2]))
        #expect(located.firstOffset == 1)
        #expect(located.lastOffset == 2)
        #expect(located.user == "b")
        #expect(located.what == "the file lacks lines; missing: offset 1 of b, offset 2 of b")
    }

    @Test func manyPlacesAreCounted() {
        let users = (0..<8).map(String.init)
        let located = trouble.located(by: difference(users: users, missing: Set(0..<7), others: 6))
        #expect(located.user == nil)
        #expect(located.firstOffset == 0)
        #expect(located.lastOffset == 6)
        #expect(located.what.contains("offset 4 of 4 and 2 more; not in the topic: line 2, "))
        #expect(located.what.hasSuffix("line 6 and 1 more"))
    }

    @Test func lineThatIsNoRecordLeavesTheOffsets() {
        let located = trouble.located(by: difference(users: ["a"], missing: [], others: 1))
        #expect(located.firstOffset == 0)
        #expect(located.lastOffset == 99)
        #expect(located.user == nil)
        #expect(located.what == "the file lacks lines; not in the topic: line 2")
    }
}
