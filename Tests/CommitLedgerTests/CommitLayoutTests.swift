import CommitLedger
import KafkaTopics
import Storage
import Testing

/// What names say.
@Suite struct CommitLayoutTests {
    private func layout(delimiter: String = "_", digits: Int = 10) throws -> CommitLayout {
        try CommitLayout(
            partition: TopicPartition(topic: "utenti_nuovi", partition: 3),
            connector: "hdfs3-sink",
            topicsDirectory: StoragePath("raw_data"),
            logsDirectory: StoragePath("_logs"),
            fileDelimiter: delimiter,
            offsetDigits: digits
        )
    }

    @Test(arguments: [
        (Int64(1), "raw_data/utenti_nuovi/2021/03/utenti_nuovi_3_0000000007_0000000009.json"),
        (2, "raw_data/utenti_nuovi/2021/03/utenti_nuovi_3_0000000007_0000000009.l2.json"),
        (11, "raw_data/utenti_nuovi/2021/03/utenti_nuovi_3_0000000007_0000000009.l11.json"),
    ])
    func lineagesHaveNamesOfTheirOwn(lineage: Int64, path: String) throws {
        let final = try layout().final(directory: "2021/03", first: 7, last: 9, lineage: lineage)
        #expect(final.string == path)
        #expect(try layout().place(afterFinalName: final.name) == .init(lineage: lineage, next: 10))
    }

    @Test func formatsHaveExtensionsOfTheirOwn() throws {
        let layout = try CommitLayout(
            partition: TopicPartition(topic: "utenti", partition: 3),
            connector: "hdfs3-sink",
            topicsDirectory: StoragePath("raw_data"),
            logsDirectory: StoragePath("_logs"),
            fileExtension: "snappy.parquet"
        )
        let final = try layout.final(directory: "2021", first: 7, last: 9, lineage: 2)
        #expect(final.string == "raw_data/utenti/2021/utenti_3_0000000007_0000000009.l2.snappy.parquet")
        #expect(layout.place(afterFinalName: final.name) == .init(lineage: 2, next: 10))
        let temporary = try layout.temporaryData(epoch: 4, number: 1)
        #expect(temporary.name == "data-00000000000000000004-000001.snappy.parquet")
        // A writer of another format sweeps it.
        let other = try self.layout().temporary(named: temporary.name)
        #expect(other?.kind == .data(epoch: 4))
        #expect(try layout.record(sequence: 1).name == "00000000000000000001.json")
        #expect(try layout.temporary(named: "record-00000000000000000001-w.snappy.parquet") == nil)
    }

    @Test(
        arguments: [
            ("utenti_nuovi_3_7_9.json", .init(next: 10)),
            ("utenti_nuovi_3_0007_00000000000000000000000009.json", .init(next: 10)),
            ("utenti_nuovi+3+0000000007+0000000009.avro", .init(next: 10)),
            ("utenti_nuovi+3+0000000007+0000000009.snappy.parquet", .init(next: 10)),
            ("utenti_nuovi-3-7-9.json", .init(next: 10)),
            ("utenti_nuovi~3~7~9.json.gz", .init(next: 10)),
            ("utenti_nuovi_3_7_9", .init(next: 10)),
            ("utenti_nuovi_3_7_9.l3.json", .init(lineage: 3, next: 10)),
            ("utenti_nuovi_3_7_9.lx.json", .init(next: 10)),
            ("utenti_nuovi_3_0_9223372036854775806.json", .init(next: .max)),
            // Not of this partition, or without offsets.
            ("utenti_nuovi_30_7_9.json", nil),
            ("utenti_nuovi_3_7.json", nil),
            ("utenti_nuovi_3_9_7.json", nil),
            ("utenti_nuovi_3_-7_9.json", nil),
            ("utenti_nuovi_3_+7_9.json", nil),
            ("utenti_nuovi_3_7_9223372036854775807.json", nil),
            ("utenti_nuovi_3_7_99999999999999999999.json", nil),
            ("utenti_nuovi_3_7_9_11.json", nil),
            ("utenti_nuovi_3__9.json", nil),
            ("utenti_nuovi_3+7+9.json", nil),
            ("", nil),
        ] as [(String, CommitProtocol.FiledPlace?)]
    )
    func namesSayWhereFilesEnd(name: String, place: CommitProtocol.FiledPlace?) throws {
        #expect(try layout().place(afterFinalName: name) == place)
        #expect(try layout(delimiter: "+").place(afterFinalName: name) == place)
    }
}
