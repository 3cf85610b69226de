import Audit
import KafkaTopics
import Testing

@Suite struct RawFileNameTests {
    @Test(
        arguments: [
            ("utenti_0_0000000000_0000499999.json", "utenti", 0, 0, 499_999),
            ("utenti+1+0000000005+0000000005.json", "utenti", 1, 5, 5),
            ("my_topic-2_7_12345678901_12345678909.json", "my_topic-2", 7, 12_345_678_901, 12_345_678_909),
            ("a-b-0-1-2.json", "a-b", 0, 1, 2), ("premi_0_1_2.l3.json", "premi", 0, 1, 2),
            ("utenti~3~07~08.json", "utenti", 3, 7, 8),
        ] as [(String, String, Int32, Int64, Int64)]
    )
    func namesAreReadFromTheirEnd(name: String, topic: String, partition: Int32, first: Int64, last: Int64) throws {
        let read = try #require(RawFileName(name))
        #expect(read.partition == TopicPartition(topic: topic, partition: partition))
        #expect(read.first == first)
        #expect(read.last == last)
        #expect(read.offsetCount == last - first + 1)
        #expect(read.lineage == (name.contains(".l3.") ? 3 : 1))
    }

    @Test(arguments: [
        "utenti_0_5_4.json", "utenti_0_5.json", "utenti_0_0_1.txt", "_0_0_1.json", "utenti_x_0_1.json", ".json", "",
        "utenti_0__1.json", "utenti_99999999999_0_1.json", "ut enti_0_0_1.json", "utenti_0_0_99999999999999999999.json",
    ])
    func otherNamesAreNone(name: String) {
        #expect(RawFileName(name) == nil)
    }
}
