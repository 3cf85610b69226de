import Analysis
import Testing

@testable import Analyzer

@Suite struct LineSplitterTests {
    /// What comes out when a text goes in by pieces of at most `piece` bytes.
    private func lines(_ text: String, lineBytesMax: Int, piece: Int) throws -> [String] {
        let splitter = LineSplitter(lineBytesMax: lineBytesMax)
        var found: [String] = []
        let take: (LineSplitter.Line, Int) throws(AnalysisError) -> Void = { line, number in
            switch line {
            case .tooLong: found.append("\(number):too long")
            case .bytes(let bytes): found.append("\(number):" + String(decoding: bytes, as: UTF8.self))
            }
        }
        splitter.start()
        var left = Array(text.utf8)[...]
        while !left.isEmpty {
            let next = left.prefix(min(piece, splitter.room))
            try splitter.receive(Array(next), take)
            left = left.dropFirst(next.count)
        }
        try splitter.end(take)
        return found
    }

    @Test(arguments: [1, 2, 3, 5, 8])
    func linesAreTheSameHoweverTheyArrive(piece: Int) throws {
        let found = try lines("ab\n\ncdefgh\ni", lineBytesMax: 8, piece: piece)
        #expect(found == ["1:ab", "3:cdefgh", "4:i"])
    }

    @Test(arguments: [1, 3, 8])
    func lineLongerThanTheBufferIsNamedOnce(piece: Int) throws {
        let found = try lines("ab\n0123456789012345678901\ncd\n", lineBytesMax: 8, piece: piece)
        #expect(found == ["1:ab", "2:too long", "3:cd"])
    }

    @Test func longLastLineIsNamedOnce() throws {
        #expect(try lines("0123456789", lineBytesMax: 4, piece: 4) == ["1:too long"])
    }

    @Test(arguments: [1, 8, 9])
    func longestLineIsWholeAndOneByteMoreIsTooLong(piece: Int) throws {
        let found = try lines("01234567\n012345678\n01234567", lineBytesMax: 8, piece: piece)
        #expect(found == ["1:01234567", "2:too long", "3:01234567"])
    }

    @Test func aNewFileStartsAfresh() throws {
        let splitter = LineSplitter(lineBytesMax: 8)
        var numbers: [Int] = []
        for _ in 0..<2 {
            splitter.start()
            try splitter.receive(Array("a\nb".utf8)) { _, number throws(AnalysisError) in numbers.append(number) }
            try splitter.end { _, number throws(AnalysisError) in numbers.append(number) }
        }
        #expect(numbers == [1, 2, 1, 2])
    }
}
