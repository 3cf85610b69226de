import Analysis
import Report
import Testing

@Suite struct SegmentsReaderTests {
    private func read(_ text: String, pieces: Int = 1) throws -> [String] {
        var reader = SegmentsReader()
        var found: [String] = []
        let bytes = Array(text.utf8)
        let size = max(1, bytes.count / pieces)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try reader.read(bytes[start..<min(start + size, bytes.count)]) { found.append("\($0):\($1)") }
        }
        try reader.finish { found.append("\($0):\($1)") }
        return found
    }

    @Test(arguments: [1, 3, 1_000])
    func whatTheReportWritesIsReadBack(pieces: Int) throws {
        let ids = ["HE_1", "CO,2", "a\"b", "two\nlines", "=1+1", "'=x", "@x", "€"]
        let lines = ids.enumerated().map { CSVText.line([.text($1), .number("\($0)"), .text("a, \"name\"")]) }
        let text = CSVText.line([.text("id_utente"), .text("segment"), .text("segment_name")]) + lines.joined()
        #expect(try read(text, pieces: pieces) == ids.enumerated().map { "\($1):\($0)" })
    }

    @Test func aSpreadsheetsFileIsRead() throws {
        #expect(try read("\u{FEFF}segment,x,id_utente\n3,,HE_1\n\n0,,HE_2") == ["HE_1:3", "HE_2:0"])
    }

    @Test(arguments: [
        ("", "does not name the columns"),
        ("id_utente,other\r\n", "does not name the columns"),
        ("id_utente,segment\nHE_1\n", "line 2: it has too few cells"),
        ("id_utente,segment\nHE_1,x\n", "line 2: its segment is not a number"),
        ("id_utente,segment\nHE_1,-1\n", "line 2: its segment is not a number"),
        ("id_utente,segment\n\"HE_1,1\n", "line 2: a quote is not closed"),
        ("id_utente,segment\n\"HE\"_1,1\n", "line 2: something stands behind a closing quote"),
    ])
    func whatIsNoSuchFileIsRefused(text: String, reason: String) {
        let error = #expect(throws: SegmentsReader.Failure.self) { try read(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func aCellWithoutEndIsRefused() {
        let text = "id_utente,segment\n" + String(repeating: "x", count: SegmentsReader.Limits.cellBytesMax + 1)
        let error = #expect(throws: SegmentsReader.Failure.self) { try read(text) }
        #expect(error?.description.contains("more than 65536 bytes") == true)
    }
}
