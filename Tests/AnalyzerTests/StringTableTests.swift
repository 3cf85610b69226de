import Testing

@testable import Analyzer

@Suite struct StringTableTests {
    private func number(_ table: inout StringTable, _ text: String) -> Int {
        Array(text.utf8).withUnsafeBytes { table.intern($0) }
    }

    @Test func equalKeysHaveOneNumber() {
        var table = StringTable()
        let numbers = (0..<10_000).map { number(&table, "user \($0)") }
        #expect(numbers == Array(0..<10_000))
        #expect((0..<10_000).allSatisfy { number(&table, "user \($0)") == $0 })
        #expect(table.count == 10_000)
        #expect(table[1234] == "user 1234")
    }

    @Test func emptyKeyIsAKey() {
        var table = StringTable()
        #expect(number(&table, "a") == 0)
        #expect(number(&table, "") == 1)
        #expect(number(&table, "") == 1)
        #expect(table[1] == "")
    }

    @Test func numbersSortByTheirBytes() {
        var table = StringTable()
        for key in ["b", "é", "a", "ab", "B", ""] { _ = number(&table, key) }
        #expect(table.sortedNumbers().map { table[$0] } == ["", "B", "a", "ab", "b", "é"])
    }

    @Test func anotherTableIsTakenOverInItsOrder() {
        var left = StringTable()
        var right = StringTable()
        for key in ["a", "b"] { _ = number(&left, key) }
        for key in ["c", "b", "d"] { _ = number(&right, key) }
        #expect(left.intern(all: right) == [2, 1, 3])
        #expect(left.count == 4)
    }
}
