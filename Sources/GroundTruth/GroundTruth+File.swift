import Checksums
import Community
import ExactValues
import Files
import Foundation
import SystemPackage

// A run's ground truth is the file `<truth directory>/<run>.json`. It is one JSON document, laid out in lines so that it
// can be read and written piece by piece however many users there are:
//
//     {"crc32c":"9a3c01fe","kind":"ground-truth","version":3,
//     "run": {"acknowledgedByPartition": …, …},      all but what follows: one line
//     "hours": [
//     ["utenti", "2021-03-24T11", 2, 0, 0, 0, 0]     a row is a line: see `TruthRow`
//     ],
//     "users": [
//     ["HE_1", 5, 930, 1, 500],
//     ["CO_2", 3, 640, 0, 0]
//     ],
//     "unresolvedUsers": [
//     ]
//     }
//
// The first line always has exactly this form. The checksum is the CRC-32C of `ground-truth 3` and a line feed, and of
// all bytes behind the first line. Version 2 has no hours, and in version 1 the first line was `{` alone; files of both
// are read.
//
// A file is written when the run begins (outcome `running`, no numbers), so that a run whose process died is not
// unknown, and when it ends. Each time the whole file is replaced by a rename; see `ChecksummedFile`.

extension GroundTruth {
    private static let kind = "ground-truth"
    private static let version = 3
    /// The oldest version that has a head.
    private static let oldestVersion = 2
    private static let openingOfVersion1 = "{"
    private static let runOpening = "\"run\": "
    private static let hoursOpening = "\"hours\": ["
    private static let usersOpening = "\"users\": ["
    private static let unresolvedOpening = "\"unresolvedUsers\": ["
    private static let listEnding = "]"
    private static let ending = "}"

    /// The file of `run` in a truth directory.
    package static func path(of run: String, in directory: String) -> String {
        directory.hasSuffix("/") ? "\(directory)\(run).json" : "\(directory)/\(run).json"
    }

    /// The files of all runs in a truth directory, sorted by the bytes of their names; none where there is no such
    /// directory.
    package static func paths(in directory: String) throws(GroundTruthError) -> [String] {
        let disk = Disk()
        do throws(FileError) {
            guard disk.exists(FilePath(directory)) else { return [] }
            return try disk.names(in: FilePath(directory)).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
                .map(ExactText.init).sorted().map { "\(directory)/\($0.string)" }
        } catch {
            throw GroundTruthError(error)
        }
    }

    /// Writes the file, whole or not at all. Its directory must exist.
    package func write(to path: String) throws(GroundTruthError) {
        do throws(FileError) {
            var file = try ChecksummedFile(
                FilePath(path),
                headBytes: Self.head(CRC32C()).count,
                checksum: Self.seal(Self.version)
            )
            try file.append(Self.runOpening.utf8)
            try file.append(summary.utf8)
            try file.append(",\n\(Self.hoursOpening)\n".utf8)
            try Self.append(hours.lazy.map(\.row), to: &file)
            try file.append("\(Self.listEnding),\n\(Self.usersOpening)\n".utf8)
            try Self.append(users.lazy.map(\.row), to: &file)
            try file.append("\(Self.listEnding),\n\(Self.unresolvedOpening)\n".utf8)
            try Self.append(unresolvedUsers.lazy.map(\.row), to: &file)
            try file.append("\(Self.listEnding)\n\(Self.ending)\n".utf8)
            try file.finish { Self.head($0) }
        } catch {
            throw GroundTruthError(error)
        }
    }

    /// All but the lists, as one line of JSON.
    package var summary: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            preconditionFailure("a ground truth holds texts and whole numbers: \(error)")
        }
    }

    /// The checksum of what the head says besides it.
    private static func seal(_ version: Int) -> CRC32C {
        var checksum = CRC32C()
        checksum.update(Array("\(kind) \(version)\n".utf8))
        return checksum
    }

    private static func head(_ checksum: CRC32C, version: Int = GroundTruth.version) -> [UInt8] {
        Array(#"{"crc32c":"\#(checksum.digits)","kind":"\#(kind)","version":\#(version),"#.utf8) + [UInt8(ascii: "\n")]
    }

    private static func append(_ rows: some Collection<String>, to file: inout ChecksummedFile) throws(FileError) {
        var left = rows.count
        for row in rows {
            left -= 1
            try file.append("\(row)\(left == 0 ? "" : ",")\n".utf8)
        }
    }

    /// Reads a file that ``write(to:)`` wrote, of this version or an older one.
    package static func read(from path: String) throws(GroundTruthError) -> GroundTruth {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try Disk().open(FilePath(path))
            bytes = try file.bytes(count: try file.size())
        } catch {
            throw GroundTruthError(error)
        }
        var reader = LineReader(path: path, bytes: bytes)
        let version = try checkHead(&reader, bytes)
        var truth = try readSummary(&reader)
        if version >= 3 {
            try reader.expect(hoursOpening)
            truth.hours = try readList(&reader, of: "an hour", HourTruth.init(line:))
        }
        try reader.expect(usersOpening)
        truth.users = try readList(&reader, of: "a user", UserTruth.init(line:))
        try reader.expect(unresolvedOpening)
        truth.unresolvedUsers = try readList(&reader, of: "a user", UserTruth.init(line:))
        try reader.expect(ending)
        return truth
    }

    /// - Returns: the file's version.
    private static func checkHead(_ reader: inout LineReader, _ bytes: [UInt8]) throws(GroundTruthError) -> Int {
        let line = String(decoding: try reader.next(), as: UTF8.self)
        if line == openingOfVersion1 { return 1 }
        let form = /\{"crc32c":"([0-9a-f]{8})","kind":"([a-z-]+)","version":([0-9]{1,9})[,}].*/
        guard let match = line.wholeMatch(of: form), match.2 == kind, let found = Int(match.3) else {
            throw reader.failure("the head of a ground truth was expected")
        }
        if found > version { throw .newer(reader.path, version: found, known: version) }
        var checksum = seal(found)
        checksum.update(Array(bytes[reader.position...]))
        guard checksum.digits == match.1, found >= oldestVersion,
            line.utf8.count + 1 == head(checksum, version: found).count
        else { throw .damaged(reader.path) }
        return found
    }

    private static func readSummary(_ reader: inout LineReader) throws(GroundTruthError) -> GroundTruth {
        let line = try reader.next()
        guard line.starts(with: runOpening.utf8), line.last == UInt8(ascii: ",") else {
            throw reader.failure("the run was expected")
        }
        let json = Data(line.dropFirst(runOpening.utf8.count).dropLast())
        do {
            return try JSONDecoder().decode(GroundTruth.self, from: json)
        } catch {
            throw reader.failure("\(error)")
        }
    }

    private static func readList<Row>(
        _ reader: inout LineReader,
        of what: String,
        _ parse: (ArraySlice<UInt8>) -> Row?
    ) throws(GroundTruthError) -> [Row] {
        var rows: [Row] = []
        while true {
            let line = try reader.next()
            // The last list ends with `]`, those before with `],`.
            if line.first == UInt8(ascii: "]") { return rows }
            guard let row = parse(line) else { throw reader.failure("\(what) was expected") }
            rows.append(row)
        }
    }
}

/// The lines of a file, one after the other, with their numbers for errors.
private struct LineReader {
    let path: String
    private let bytes: [UInt8]
    /// Where the next line begins.
    private(set) var position = 0
    private var line = 0

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// The next line, without its end.
    mutating func next() throws(GroundTruthError) -> ArraySlice<UInt8> {
        line += 1
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            throw failure("the file ends too early")
        }
        defer { position = end + 1 }
        return bytes[position..<end]
    }

    /// Passes over a line that must be `text`.
    mutating func expect(_ text: String) throws(GroundTruthError) {
        guard try next().elementsEqual(text.utf8) else { throw failure("'\(text)' was expected") }
    }

    /// What is wrong with the line that was read last.
    func failure(_ reason: String) -> GroundTruthError {
        .malformed(path, line: line, because: reason)
    }
}
