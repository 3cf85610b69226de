import PipelineTesting
import Storage
import Testing

/// Files of lines read in pieces of any size.
@Suite(.timeLimit(.minutes(15))) struct LineScannerTests {
    /// The lines of a file with this text, with their numbers.
    private func lines(_ text: String, lineBytesMax: Int = 8, pieceBytes: Int) async throws -> [String] {
        let scanner = LineScanner(lineBytesMax: lineBytesMax, pieceBytes: pieceBytes, paddingBytes: 4)
        return try await withTemporaryDirectory { directory in
            let storage = LocalFileSystem(root: directory, durability: .cached)
            let path = try StoragePath("file.json")
            try await storage.write(Array(text.utf8), to: path)
            // The second time with what the first left behind.
            _ = try await lines(path, storage, scanner)
            let found = try await lines(path, storage, scanner)
            #expect(scanner.position == Int64(text.utf8.count))
            #expect(scanner.endsWithLineFeed == (text.isEmpty || text.hasSuffix("\n")))
            return found
        }
    }

    private func lines(
        _ path: StoragePath,
        _ storage: LocalFileSystem,
        _ scanner: LineScanner
    ) async throws -> [String] {
        var found: [String] = []
        var pieces: [UInt8] = []
        try await scanner.open(path, in: storage)
        while let piece = try await scanner.readPiece() {
            pieces += piece
            while let line = scanner.nextLine() {
                switch line {
                case .tooLong: found.append("\(scanner.lineNumber):too long")
                case .bytes(let bytes): found.append("\(scanner.lineNumber):" + String(decoding: bytes, as: UTF8.self))
                }
            }
        }
        #expect(Int64(pieces.count) == scanner.position)
        return found
    }

    @Test(arguments: [1, 2, 3, 5, 8, 9, 100])
    func linesAreTheSameInPiecesOfAnySize(pieceBytes: Int) async throws {
        let found = try await lines("ab\n\ncdefgh\ni", pieceBytes: pieceBytes)
        #expect(found == ["1:ab", "2:", "3:cdefgh", "4:i"])
        #expect(try await lines("", pieceBytes: pieceBytes) == [])
        #expect(try await lines("\n", pieceBytes: pieceBytes) == ["1:"])
    }

    @Test(arguments: [1, 3, 8, 9, 100])
    func longLineIsReportedOnce(pieceBytes: Int) async throws {
        let found = try await lines("ab\n0123456789012345678901\ncd\n", pieceBytes: pieceBytes)
        #expect(found == ["1:ab", "2:too long", "3:cd"])
        #expect(try await lines("0123456789", lineBytesMax: 4, pieceBytes: pieceBytes) == ["1:too long"])
    }

    @Test(arguments: [1, 8, 9, 100])
    func longestLineIsWholeAndOneByteMoreIsTooLong(pieceBytes: Int) async throws {
        let found = try await lines("01234567\n012345678\n01234567", pieceBytes: pieceBytes)
        #expect(found == ["1:01234567", "2:too long", "3:01234567"])
    }
}
