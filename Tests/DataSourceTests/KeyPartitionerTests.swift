import Testing

@testable import DataSource

@Suite struct KeyPartitionerTests {
    /// The values of Kafka's own `UtilsTest.testMurmur2`.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func itHashesAsKafkaDoes(_ key: String, _ hash: Int32) {
        #expect(Int32(bitPattern: KeyPartitioner.hash(Array(key.utf8))) == hash)
    }

    @Test(arguments: [1, 2, 3, 7])
    func everyPartitionIsUsedAndNoOther(_ count: Int) {
        let partitions = (1...1_000).map { KeyPartitioner.partition(of: Array("HE_\($0)".utf8), count: count) }
        #expect(Set(partitions) == Set(0..<count))
    }
}
