import Audit
import Testing

@Suite struct LineDifferenceTests {
    /// A topic and a file as letters, one for each record and line; what is found missing, by offset, and strange, by
    /// line.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let records: String
        let lines: String
        var elsewhere = ""
        var missing: [Int64] = []
        var strange: [Int] = []
    }

    @Test(arguments: [
        Case(testDescription: "nothing", records: "", lines: ""),
        Case(testDescription: "the same", records: "abc", lines: "abc"),
        Case(testDescription: "first line removed", records: "abc", lines: "bc", missing: [0]),
        Case(testDescription: "last line removed", records: "abc", lines: "ab", missing: [2]),
        Case(testDescription: "all lines removed", records: "abc", lines: "", missing: [0, 1, 2]),
        Case(testDescription: "line changed", records: "abc", lines: "axc", missing: [1], strange: [2]),
        Case(testDescription: "line added at the end", records: "abc", lines: "abcx", strange: [4]),
        Case(testDescription: "line added before all", records: "abc", lines: "xabc", strange: [1]),
        Case(testDescription: "line doubled", records: "abc", lines: "abbc", strange: [3]),
        Case(testDescription: "one of equal lines removed", records: "aab", lines: "ab", missing: [1]),
        Case(testDescription: "equal lines", records: "abab", lines: "abab"),
        Case(testDescription: "record of another file", records: "abc", lines: "ac", elsewhere: "b"),
        Case(testDescription: "one of two in another file", records: "abbc", lines: "ac", elsewhere: "b", missing: [2]),
        Case(testDescription: "removed and added", records: "abcd", lines: "acdx", missing: [1], strange: [4]),
        Case(
            testDescription: "another file altogether",
            records: "ab",
            lines: "xy",
            missing: [0, 1],
            strange: [1, 2]
        ),
    ])
    func differenceIsFoundInItsPlace(difference: Case) {
        let hashes = { (text: String) in text.utf8.map { Int($0) } }
        let found = LineDifference(
            lines: hashes(difference.lines),
            records: hashes(difference.records).enumerated().map { offset, line in
                LineDifference.Record(offset: Int64(offset), line: line, key: "")
            },
            elsewhere: hashes(difference.elsewhere).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        )
        #expect(found.missing.map(\.offset) == difference.missing)
        #expect(found.strange == difference.strange)
    }
}
