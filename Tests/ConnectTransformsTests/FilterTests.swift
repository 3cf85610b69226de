import ConnectAPI
import ConnectTransforms
import KafkaTopics
import PipelineTesting
import Testing

@Suite struct FilterTests {
    @Test func selectedRecordsAreFilteredOut() {
        var records = SinkRecords.batch([nil, "{}", nil, "{}"])
        #expect(Filter().apply(to: &records, RecordIsTombstone().selection(of: records)).isEmpty)
        #expect(records.offsets == [1, 3])
        #expect(records.skippedCounts(in: 0..<4).filtered == 2)
        #expect(records.explainsEveryOffset)
    }

    @Test func filterOfAllRecordsDropsAll() {
        var records = SinkRecords.batch([nil, "{}"])
        #expect(Filter().apply(to: &records, .all).isEmpty)
        #expect(records.isEmpty)
        #expect(records.skipped == [SkippedOffsets(0..<2, .filtered)])
    }

    @Test func invertedSelectionHasTheOtherRecords() {
        let records = SinkRecords.batch([nil, "{}", nil])
        let tombstones = RecordIsTombstone().selection(of: records)
        #expect(tombstones == .some([0, 2]))
        #expect(tombstones.inverted(count: 3) == .some([1]))
        #expect(RecordSelection.none.inverted(count: 3) == .all)
        #expect(RecordSelection.all.inverted(count: 3) == .none)
    }

    @Test func headerIsLookedForInEachRecord() throws {
        let predicate = try HasHeaderKey.plugin.make(["name": "dirty"])
        let marked = SinkRecords.batch([[1], [2]], headers: [RecordHeader(name: "dirty", value: nil)])
        #expect(predicate.selection(of: marked) == .some([0, 1]))
        let others = SinkRecords.batch([[1], [2]], headers: [RecordHeader(name: "clean", value: nil)])
        #expect(predicate.selection(of: others).isEmpty)
        #expect(predicate.selection(of: SinkRecords.batch(["{}"])).isEmpty)
        #expect(throws: ConfigurationError.self) { try HasHeaderKey.plugin.make([:]) }
    }
}
