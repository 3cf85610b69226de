import CommitLedger
import KafkaTopics
import Testing

@Suite struct FinalNameTests {
    @Test(
        arguments: [
            ("utenti", "utenti_0_0000000000_0000499999.json", 0, 0, 499_999, 1, "json"),
            ("utenti", "utenti+1+0000000005+0000000005.avro", 1, 5, 5, 1, "avro"),
            (
                "my_topic-2", "my_topic-2_7_12345678901_12345678909.json", 7, 12_345_678_901, 12_345_678_909, 1, "json"
            ),
            ("a-b", "a-b-0-1-2.json", 0, 1, 2, 1, "json"),
            ("premi", "premi_0_1_2.l3.json", 0, 1, 2, 3, "json"),
            ("premi", "premi_0_1_2.l3.snappy.parquet", 0, 1, 2, 3, "snappy.parquet"),
            ("utenti", "utenti~3~07~08.json.gz", 3, 7, 8, 1, "json.gz"),
            // The extension may hold a delimiter, and the topic a dot.
            ("utenti.it", "utenti.it_3_7_8.c_0", 3, 7, 8, 1, "c_0"),
            // None of these marks a lineage.
            ("premi", "premi_0_1_2.l1.json", 0, 1, 2, 1, "l1.json"),
            ("premi", "premi_0_1_2.lx.json", 0, 1, 2, 1, "lx.json"),
            ("premi", "premi_0_1_2.l3", 0, 1, 2, 1, "l3"), ("premi", "premi_0_1_2", 0, 1, 2, 1, ""),
        ] as [(String, String, Int32, Int64, Int64, Int64, String)]
    )
    func namesAreTakenApart(
        topic: String,
        name: String,
        partition: Int32,
        first: Int64,
        last: Int64,
        lineage: Int64,
        fileExtension: String
    ) throws {
        let read = try #require(FinalName(name, of: topic))
        #expect(read.partition == TopicPartition(topic: topic, partition: partition))
        #expect(read.first == first)
        #expect(read.last == last)
        #expect(read.offsetCount == last - first + 1)
        #expect(read.lineage == lineage)
        #expect(read.fileExtension == fileExtension)
    }

    @Test(arguments: [
        "utenti_0_5_4.json", "utenti_0_5.json", "_0_0_1.json", "utenti_x_0_1.json", ".json", "", "utenti",
        "utenti_0__1.json", "utenti_99999999999_0_1.json", "utent_0_0_1.json", "utenti_nuovi_0_0_1.json",
        "utenti_0_0_99999999999999999999.json", "utenti_0_0_9223372036854775807.json", "utenti_0+0+1.json",
        "utenti_-1_0_1.json", "utenti_0_0_1_2.json", "utenti.0.0.1.json", "utenti_0_0_.json",
    ])
    func otherNamesAreNone(name: String) {
        #expect(FinalName(name, of: "utenti") == nil)
    }
}
