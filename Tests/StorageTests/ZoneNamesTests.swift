import PipelineTesting
import Storage
import Testing

@Suite struct ZoneNamesTests {
    @Test(arguments: ["_logs", "+tmp", ".a.json.crc", "_", "+", ".", "_SUCCESS"])
    func namesThatAreNotDataAreHidden(name: String) { #expect(ZoneNames.isHidden(name)) }

    @Test(arguments: ["utenti", "a_b", "a+b", "a.json", "-a", "0", "é", ""])
    func allOthersAreData(name: String) { #expect(!ZoneNames.isHidden(name)) }

    @Test func linesAreInFilesOfOneExtension() {
        #expect(["a.json", "u_0_0_8.l2.json", "é.json"].allSatisfy(ZoneNames.isOfLines))
        #expect(!["a.json.gz", "a.jsonl", "json", "a.JSON", "a.parquet", ""].contains(where: ZoneNames.isOfLines))
    }

    /// Each line is in order: offsets count as numbers, whatever their padding, up to any size.
    @Test(arguments: [
        ["u_0_0_8.json", "u_0_9_9.json", "u_0_10_11.json", "u_0_0000000012_0000000013.json", "u_0_100_101.json"],
        ["u_0_5_5.json", "u_0_5_5.l2.json", "u_0_5_5.l10.json"],
        ["u_0_9223372036854775807_9.json", "u_0_99999999999999999999999_9.json"],
        ["", "0", "00", "1", "a", "a0", "a00", "a1", "b"],
        ["2021/03/09", "2021/03/10", "2021/3/11", "2021/12/01"],
    ])
    func numbersInNamesAreOrderedAsNumbers(names: [String]) {
        for (place, left) in names.enumerated() {
            for (other, right) in names.enumerated() {
                #expect(ZoneNames.precedes(left, right) == (place < other), "\(left) \(right)")
            }
        }
    }

    @Test(arguments: Seeds.chosen([1, 2, 3])) func theOrderIsTotal(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let letters = Array("0019ab_.é")
        let names = (0..<60).map { _ in
            String(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
            )
        }
        for one in names {
            #expect(!ZoneNames.precedes(one, one))
            for other in names where !one.utf8.elementsEqual(other.utf8) {
                #expect(
                    ZoneNames.precedes(one, other) != ZoneNames.precedes(other, one),
                    "seed \(seed): \(one) \(other)"
                )
            }
        }
        let sorted = names.sorted(by: ZoneNames.precedes)
        #expect(names.shuffled(using: &random).sorted(by: ZoneNames.precedes) == sorted, "seed \(seed)")
    }

    /// Two forms of one Unicode text are two files for the kernel, and so they are here.
    @Test func pathsAreComparedByTheirBytes() throws {
        let (composed, decomposed) = (try StoragePath("caff\u{e9}"), try StoragePath("caffe\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect((composed < decomposed) != (decomposed < composed))
    }
}
