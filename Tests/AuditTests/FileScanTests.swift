import Audit
import PipelineTesting
import Storage
import Testing

@Suite(.timeLimit(.minutes(15))) struct FileScanTests {
    @Test(
        arguments: [
            ("", 0, true), ("\n", 1, true), ("a\n", 1, true), ("a\nb\n", 2, true), ("a\nb", 2, false),
            ("a\n\nb\n", 3, true),
        ] as [(String, Int64, Bool)]
    )
    func linesAreCounted(text: String, rows: Int64, isEnded: Bool) async throws {
        let scan = try await scan(Array(text.utf8)).scan
        #expect(scan.rows == rows)
        #expect(scan.bytes == Int64(text.utf8.count))
        #expect(scan.endsWithLineFeed == isEnded)
    }

    @Test func checksumIsThatOfRFC3720() async throws {
        // The check value of CRC-32C, and one of the vectors of RFC 3720, B.4.
        #expect(try await scan(Array("123456789".utf8)).scan.checksum == "e3069283")
        #expect(try await scan(Array(repeating: 0, count: 32)).scan.checksum == "8a9136aa")
        #expect(try await scan([]).scan.checksum == "00000000")
    }

    @Test func linesAcrossPiecesAreLentWhole() async throws {
        // Lines of 1,000 bytes do not divide the pieces in which a file is read.
        let line = Array(repeating: UInt8(ascii: "x"), count: 999)
        var file: [UInt8] = []
        let count = FileScan.Limits.pieceBytes / 1_000 * 2 + 5
        for _ in 0..<count { file += line + [UInt8(ascii: "\n")] }
        let (scan, lines) = try await scan(file)
        #expect(scan.rows == Int64(count))
        #expect(lines.count == count)
        #expect(lines.allSatisfy { $0 == line })
    }

    private func scan(_ bytes: [UInt8]) async throws -> (scan: FileScan, lines: [[UInt8]]) {
        try await withTemporaryDirectory { directory in
            let storage = LocalFileSystem(root: directory, durability: .cached)
            let path = try StoragePath("file.json")
            try await storage.write(bytes, to: path)
            var lines: [[UInt8]] = []
            let scan = try await FileScan(path, in: storage) { line in lines.append(Array(line)) }
            return (scan, lines)
        }
    }
}
