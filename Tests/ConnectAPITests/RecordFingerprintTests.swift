import ConnectAPI
import KafkaTopics
import Testing

@Suite struct RecordFingerprintTests {
    /// CRC-32C of the bytes `00 00 00 01 "k" 00 00 00 02 "{}"` and so on, computed by the table of RFC 3720.
    @Test(arguments: [
        ("k", "{}", "c55c3266"), (nil, "{}", "688a0a8a"), ("k", nil, "42e0d31e"), ("", "", "8c28b28a"),
        (nil, nil, "48674bc7"),
    ])
    func checksumCoversLengthsAndBytes(key: String?, value: String?, checksum: String) {
        #expect(fingerprint(key, value).checksum == checksum)
    }

    @Test func nullIsNotEmptyAndNoByteMovesFromKeyToValue() {
        #expect(fingerprint(nil, "a") != fingerprint("", "a"))
        #expect(fingerprint("ab", "c") != fingerprint("a", "bc"))
    }

    @Test func batchTellsTheFingerprintOfTheLastRecordBelowAnOffset() {
        let records = batch(["{}", "{\"a\":1}", nil], firstOffset: 5)
        #expect(records.fingerprint(ofLastRecordBefore: 5) == nil)
        #expect(records.fingerprint(ofLastRecordBefore: 6) == fingerprint("5", "{}", offset: 5))
        #expect(records.fingerprint(ofLastRecordBefore: 7) == fingerprint("6", "{\"a\":1}", offset: 6))
        #expect(records.fingerprint(ofLastRecordBefore: .max) == fingerprint("7", nil, offset: 7))
    }

    @Test func recordsThatWereRemovedOrChangedKeepTheirFingerprints() {
        var records = batch(["{}", "{ }", nil, "{}"])
        records.remove(offset: 2, .filtered)
        records.remove(offset: 3, .deadLettered)
        records.valueWillChange(at: 1)
        records.withMutableValues { arena, ranges in arena[ranges[1].lowerBound + 1] = UInt8(ascii: "}") }
        records.shortenValue(at: 1, to: 2)
        #expect(records.value(at: 1) == Array("{}".utf8))
        #expect(records.fingerprint(ofLastRecordBefore: 2) == fingerprint("1", "{ }", offset: 1))
        #expect(records.fingerprint(ofLastRecordBefore: 3) == fingerprint("2", nil, offset: 2))
        #expect(records.fingerprint(ofLastRecordBefore: 4) == fingerprint("3", "{}", offset: 3))
    }

    private func fingerprint(_ key: String?, _ value: String?, offset: Int64 = 0) -> RecordFingerprint {
        let key = key.map { Array($0.utf8) }
        let value = value.map { Array($0.utf8) }
        return (key ?? []).withUnsafeBytes { keyBytes in
            (value ?? []).withUnsafeBytes { valueBytes in
                RecordFingerprint(
                    offset: offset,
                    timestamp: Timestamp(milliseconds: offset),
                    key: key == nil ? nil : keyBytes,
                    value: value == nil ? nil : valueBytes
                )
            }
        }
    }
}
