import ConnectAPI
import KafkaTopics
import PipelineTesting
import Testing

@Suite struct SinkRecordsTests {
    @Test func linesOfUntouchedBatchAreOneStretch() {
        let records = batch(["{\"a\":1}", "{}", "{\"b\":2}"])
        #expect(records.runs(in: 0..<3) == ["{\"a\":1}\n{}\n{\"b\":2}\n"])
        #expect(records.runs(in: 1..<2) == ["{}\n"])
        #expect(records.runs(in: 1..<1).isEmpty)
    }

    @Test func tombstonesHaveNoLineAndDoNotBreakTheStretch() {
        let records = batch(["{}", nil, "{}"])
        #expect(records.runs(in: 0..<3) == ["{}\n{}\n"])
        #expect(records.value(at: 1) == nil)
        #expect(records.key(at: 1) == Array("1".utf8))
    }

    @Test func offsetsThatAreMissingBeforeTheEarliestAreLost() {
        var builder = SinkRecordsBuilder(partition: TopicPartition(topic: "utenti", partition: 0), firstOffset: 5)
        builder.earliest = 10
        for offset: Int64 in [5, 7, 12, 14] {
            builder.append(offset: offset, timestamp: .unknown, key: nil, value: nil)
        }
        let records = builder.finish()
        #expect(
            records.skipped == [
                SkippedOffsets(6..<7, .lost), SkippedOffsets(8..<10, .lost), SkippedOffsets(10..<12, .absent),
                SkippedOffsets(13..<14, .absent),
            ]
        )
        #expect(records.explainsEveryOffset)
    }

    @Test func emptyValueIsNotNull() {
        let records = batch(["", nil])
        #expect(records.value(at: 0) == [])
        #expect(records.value(at: 1) == nil)
        #expect(records.runs(in: 0..<2) == ["\n"])
    }

    @Test func removedRecordsAreSkippedOffsetsWithTheirReason() {
        var records = batch(["{}", "x", "{\"c\":3}", "y", "z"], firstOffset: 10)
        records.removeRecords(at: [1, 3], .deadLettered)
        records.remove(offset: 14, .filtered)
        #expect(records.offsets == [10, 12])
        #expect(records.runs(in: 0..<2) == ["{}\n", "{\"c\":3}\n"])
        #expect(
            records.skipped == [
                SkippedOffsets(11..<12, .deadLettered), SkippedOffsets(13..<14, .deadLettered),
                SkippedOffsets(14..<15, .filtered),
            ]
        )
        #expect(records.explainsEveryOffset)
        #expect(records.nextOffset == 15)
    }

    @Test func neighboursWithOneReasonAreJoined() {
        var records = batch(["a", "b", "c", "d"])
        records.removeRecords(at: [1], .filtered)
        records.remove(offset: 2, .filtered)
        #expect(records.skipped == [SkippedOffsets(1..<3, .filtered)])
        #expect(records.explainsEveryOffset)
    }

    @Test func offsetsThatKafkaDoesNotHaveAreAbsentAndLostOnesAreLost() {
        let partition = TopicPartition(topic: "premi", partition: 1)
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: 5)
        builder.skip(to: 8, .lost)
        builder.append("{}", offset: 8)
        builder.append("{}", offset: 11)
        builder.append("{}", offset: 11)
        builder.append("{}", offset: 9)
        builder.skip(to: 13, .absent)
        let records = builder.finish()
        #expect(records.offsets == [8, 11])
        #expect(
            records.skipped == [
                SkippedOffsets(5..<8, .lost), SkippedOffsets(9..<11, .absent), SkippedOffsets(12..<13, .absent),
            ]
        )
        #expect(records.explainsEveryOffset)
        #expect(records.nextOffset == 13)
    }

    @Test func countsOfAPartOfTheBatchCoverExactlyThatPart() {
        var records = batch((0..<10).map { "\($0)" })
        records.removeRecords(at: [1, 2, 3, 7], .filtered)
        records.remove(offset: 5, .deadLettered)
        var expected = SkippedCounts()
        expected.filtered = 2
        #expect(records.skippedCounts(in: 2..<5) == expected)
        expected.deadLettered = 1
        #expect(records.skippedCounts(in: 2..<7) == expected)
        #expect(records.skippedCounts(in: 8..<10).total == 0)
        #expect(records.skippedCounts(in: 0..<10).total == 5)
    }

    @Test func emptyBatchExplainsItsOffsets() {
        var records = batch([nil, nil, nil])
        records.removeRecords(.filtered) { _ in true }
        #expect(records.isEmpty)
        #expect(records.explainsEveryOffset)
        #expect(records.skipped == [SkippedOffsets(0..<3, .filtered)])
    }

    @Test func shortenedValueEndsItsLineThere() {
        var records = batch(["{ }", "{}"])
        records.withMutableValues { arena, ranges in
            arena[ranges[0].lowerBound + 1] = UInt8(ascii: "}")
        }
        records.shortenValue(at: 0, to: 2)
        #expect(records.runs(in: 0..<2) == ["{}\n", "{}\n"])
    }

    @Test func paddingLiesBehindTheLastValue() throws {
        let records = batch(["{}"])
        let end = try #require(records.valueRanges.last).upperBound
        #expect(records.values.count >= end + 1 + SinkRecords.paddingBytes)
    }
}
