import ConnectAPI
import KafkaTopics
import PipelineTesting
import Testing

/// How transforms change the records of a batch.
@Suite struct ConnectRecordTests {
    private let values: [[UInt8]?] = ["{}", "{\"a\":1}", "[]", nil, "1"].map { $0.map { Array($0.utf8) } }

    private func records() -> SinkRecords {
        .batch(
            values,
            firstOffset: 10,
            key: "k",
            headers: [RecordHeader(name: "h", value: [1]), RecordHeader(name: "n", value: nil)]
        )
    }

    private func fingerprints(_ records: SinkRecords) -> [RecordFingerprint?] {
        (10...15).map { records.fingerprint(ofLastRecordBefore: $0) }
    }

    @Test func changedRecordsAreWrittenBackAndTheirFingerprintsStay() throws {
        var records = records()
        let before = fingerprints(records)
        let failures = records.update(.some([1, 2, 4])) { (record) throws(DataError) in
            switch record.offset {
            case 11: record.setValue(.bytes(Array("longer than before".utf8)))
            case 12: record.setKey(.null)
            default: record.setValue(.null)
            }
        }
        #expect(failures.isEmpty)
        #expect(records.runs(in: 0..<5) == ["{}\nlonger than before\n[]\n"])
        #expect(
            (0..<5).map { records.key(at: $0).map { String(decoding: $0, as: UTF8.self) } } == [
                "k", "k", nil, "k", "k",
            ]
        )
        #expect(records.value(at: 4) == nil)
        #expect(records.values.suffix(SinkRecords.paddingBytes).allSatisfy { $0 == 0 })
        #expect(fingerprints(records) == before)
        #expect((0..<5).map { records.received(at: $0).value } == values)
        #expect((0..<5).allSatisfy { records.received(at: $0).key == Array("k".utf8) })
    }

    @Test func changesOfOneTransformAreWhatTheNextSees() throws {
        var records = records()
        let before = fingerprints(records)
        _ = records.update(.all) { record in
            record.setValue(.bytes([UInt8(ascii: "1")]))
            record.topic = "premi"
        }
        _ = records.update(.all) { (record) throws(DataError) in
            #expect(try record.value() == .bytes([UInt8(ascii: "1")]))
            #expect(record.topic == "premi")
            if record.offset == 12 { record.drop() } else { record.setValue(.bytes([UInt8(ascii: "2")])) }
        }
        #expect(records.offsets == [10, 11, 13, 14])
        #expect(records.skipped == [SkippedOffsets(12..<13, .filtered)])
        #expect(records.runs(in: 0..<4) == ["2\n2\n", "2\n2\n"])
        #expect(records.topic(at: 3) == "premi")
        #expect(fingerprints(records) == before)
        #expect(records.received(at: 2).value == nil)
        #expect(records.received(at: 3).value == Array("1".utf8))
        #expect(records.explainsEveryOffset)
    }

    @Test func failedRecordStaysAndIsCountedBehindTheDropped() throws {
        var records = records()
        let failures = records.update(.all) { (record) throws(DataError) in
            record.setValue(.null)
            if record.offset == 10 { record.drop() }
            if record.offset == 11 { throw DataError("no") }
            if record.offset == 12 { record.setValue(.bool(true)) }
            if record.offset == 13 { record.topic = "a/b" }
        }
        #expect(failures.map(\.index) == [0, 1, 2])
        #expect(failures[0].message == "no")
        #expect(failures[1].message == "a boolean cannot be written as plain bytes")
        #expect(failures[2].message.contains("has only letters"))
        #expect(records.offsets == [11, 12, 13, 14])
        #expect(records.value(at: 0) == Array("{\"a\":1}".utf8))
        #expect(records.topic(at: 2) == "utenti")
        #expect(records.value(at: 3) == nil)
    }

    @Test func timestampTopicAndHeadersChange() throws {
        var records = records()
        let failures = records.update(.some([1])) { (record) throws(DataError) in
            record.topic = "premi"
            record.timestamp = Timestamp(milliseconds: 7)
            var headers = try record.headers()
            #expect(headers.map(\.name) == ["h", "n"])
            #expect(headers.map(\.value) == [.bytes([1]), .null])
            headers[1].value = .bytes([2])
            headers.append(.init(name: "new", value: .null))
            record.setHeaders(headers)
        }
        #expect(failures.isEmpty)
        #expect((0..<3).map { records.topic(at: $0) } == ["utenti", "premi", "utenti"])
        #expect(records.firstIndexWithOtherTopic == 1)
        #expect(records.timestamps[1] == Timestamp(milliseconds: 7))
        #expect(
            records.headers[11] == [
                RecordHeader(name: "h", value: [1]), RecordHeader(name: "n", value: [2]),
                RecordHeader(name: "new", value: nil),
            ]
        )
        #expect(records.headers[12]?.count == 2)
        #expect(records.received(at: 1).timestamp == Timestamp(milliseconds: 1_011))
        #expect(records.received(at: 1).headers.count == 2)
    }

    @Test func recordThatIsOnlyReadKeepsItsBytes() throws {
        var records = records()
        _ = records.update(.all) { (record) throws(DataError) in
            _ = try record.key()
            _ = try record.value()
            _ = try record.headers()
        }
        #expect((0..<5).map { records.value(at: $0) } == values)
        #expect(records.firstIndexWithOtherTopic == nil)
    }

    @Test func valueChangedInPlaceIsKeptAsItCame() {
        var records = records()
        let before = fingerprints(records)
        records.valueWillChange(at: 1)
        records.shortenValue(at: 1, to: 2)
        _ = records.update(.some([1])) { record in record.setValue(.bytes([9])) }
        #expect(records.received(at: 1).value == values[1])
        #expect(fingerprints(records) == before)
    }
}
