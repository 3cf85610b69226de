import Checksums
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720, B.4, and the check value of the catalogue of CRCs.
    static let published: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xe306_9283),
        (Array(repeating: 0, count: 32), 0x8a91_36aa),
        (Array(repeating: 0xff, count: 32), 0x62a8_ab43),
        (Array(0..<32), 0x46dd_794e),
        (Array((0..<32).reversed()), 0x113f_db5c),
        ([], 0),
    ]

    @Test(arguments: published)
    func publishedVectorsHold(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(of: bytes.span.bytes) == checksum)
        var pieces = CRC32C()
        for byte in bytes { pieces.update([byte]) }
        #expect(pieces.value == checksum)
    }

    @Test func digitsHaveTheirZeros() {
        #expect(CRC32C().digits == "00000000")
    }
}
