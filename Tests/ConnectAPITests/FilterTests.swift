import ConnectAPI
import Testing

@Suite struct FilterTests {
    @Test func tombstonesAreFilteredOut() {
        var records = batch([nil, "{}", nil, "{}"])
        #expect(Filter(predicate: RecordIsTombstone()).apply(to: &records).isEmpty)
        #expect(records.offsets == [1, 3])
        #expect(records.skippedCounts(in: 0..<4).filtered == 2)
        #expect(records.explainsEveryOffset)
    }

    @Test func negatedFilterKeepsOnlyTombstones() {
        var records = batch([nil, "{}", nil])
        _ = Filter(predicate: RecordIsTombstone(), negate: true).apply(to: &records)
        #expect(records.offsets == [0, 2])
    }

    @Test func filterWithoutPredicateDropsAll() {
        var records = batch([nil, "{}"])
        _ = Filter(predicate: nil).apply(to: &records)
        #expect(records.isEmpty)
        #expect(records.skipped == [SkippedOffsets(0..<2, .filtered)])
    }

    @Test func otherPredicatesAreAskedForEachRecord() {
        var records = batch(["a", "bb", "c", "dd"])
        _ = Filter(predicate: ValueHasLength(2)).apply(to: &records)
        #expect(records.offsets == [0, 2])
    }

    private struct ValueHasLength: Predicate {
        let length: Int

        init(_ length: Int) {
            self.length = length
        }

        func holds(for records: SinkRecords, at index: Int) -> Bool {
            records.valueRanges[index].count == length
        }
    }
}
