import ConnectAPI
import Testing

@Suite struct DataValueTests {
    @Test(arguments: [
        ["1", "1.0", "1e0", "10e-1", "0.1e1", "100E-2"], ["0", "-0", "0.00", "0e999999999999999999999"],
        ["-12.50", "-1.25e1", "-125e-1"], ["123456789012345678901234567890", "1.2345678901234567890123456789e29"],
    ])
    func numbersOfOneValueAreEqual(texts: [String]) throws {
        let numbers = try texts.map { try #require(ExactNumber($0)) }
        #expect(Set(numbers).count == 1)
        #expect(numbers.map(\.text) == texts)
    }

    @Test func numbersOfDifferentValuesAreNot() throws {
        let texts = [
            "1", "-1", "10", "0.1", "1.0000000000000000001", "1e99999999999999999999", "1e-99999999999999999999",
        ]
        #expect(Set(texts.compactMap(ExactNumber.init)).count == texts.count)
    }

    @Test(arguments: ["", "-", "01", "1.", ".5", "1e", "1e+", "+1", "1 ", "NaN", "0x1", "1a"])
    func whatJSONDoesNotWriteIsNotANumber(text: String) {
        #expect(ExactNumber(text) == nil)
    }

    @Test func objectKeepsItsOrder() {
        var object: DataObject = ["b": .number(1), "a": .null, "c": .bool(true)]
        object["a"] = .string("x")
        object["d"] = .array([])
        object["b"] = nil
        #expect(object.members.map(\.name) == ["a", "c", "d"])
        #expect(object["a"] == .string("x"))
        #expect(object["b"] == nil)
        object["b"] = .null
        #expect(object.members.map(\.name) == ["a", "c", "d", "b"])
    }
}
