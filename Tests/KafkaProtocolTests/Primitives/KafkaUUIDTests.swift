import Foundation
import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite struct KafkaUUIDTests {
    static let id = KafkaUUID(mostSignificant: 0x0123_4567_89ab_cdef, leastSignificant: 0xfedc_ba98_7654_3210)

    /// Expected: `base64.urlsafe_b64encode` of Python, without its padding.
    @Test(arguments: [
        (id, "ASNFZ4mrze_-3LqYdlQyEA"), (KafkaUUID.zero, "AAAAAAAAAAAAAAAAAAAAAA"),
        (KafkaUUID(mostSignificant: 0, leastSignificant: 1), "AAAAAAAAAAAAAAAAAAAAAQ"),
        (KafkaUUID(mostSignificant: .max, leastSignificant: .max), "_____________________w"),
    ])
    func idsHaveTheirText(id: KafkaUUID, text: String) throws {
        #expect(id.description == text)
        #expect(KafkaUUID(text) == id)
        #expect(try JSONDecoder().decode([KafkaUUID].self, from: Data("[\"\(text)\"]".utf8)) == [id])
        #expect(try String(decoding: JSONEncoder().encode([id]), as: UTF8.self) == "[\"\(text)\"]")
    }

    @Test(arguments: [
        "", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAA+A", "àAAAAAAAAAAAAAAAAAAAAA",
    ])
    func otherTextIsRefused(text: String) {
        #expect(KafkaUUID(text) == nil)
    }

    @Test func anIDHasSixteenBytesOnTheWire() throws {
        var id = Self.id
        var writer = WireWriter(isFlexible: true)
        writer.uuid(&id)
        #expect(writer.buffer.hexadecimal == "0123456789abcdeffedcba9876543210")
        var reader = WireReader(writer.buffer, isFlexible: true)
        var read = KafkaUUID.zero
        try reader.uuid(&read)
        try reader.end()
        #expect(read == id)
        var short = WireReader(try ByteBuffer(hexadecimal: "0123456789abcdeffedcba98765432"))
        #expect(throws: DecodeError(.truncated(needed: 16, available: 15), at: 0)) { try short.uuid(&read) }
    }

    @Test func randomIDsAreOfVersion4AndNoOptions() {
        var random = SeededGenerator(seed: 7)
        let ids = (0..<1_000).map { _ in KafkaUUID.random(using: &random) }
        #expect(Set(ids).count == 1_000)
        #expect(ids.allSatisfy { $0.mostSignificant >> 12 & 0xF == 4 && $0.leastSignificant >> 62 == 2 })
        #expect(ids.allSatisfy { !$0.description.hasPrefix("-") && KafkaUUID($0.description) == $0 })
    }
}
