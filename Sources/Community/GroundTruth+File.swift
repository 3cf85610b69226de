internal import Foundation

// A run's ground truth is the file `<truth directory>/<run>.json`. It is one JSON document, laid out in lines so that it
// can be read and written piece by piece however many users there are:
//
//     {
//     "run": {"acknowledgedByPartition": …, …},      all but the users: one line
//     "users": [
//     ["HE_1", 5, 930, 1, 500],                      id, rewards, their sum, prizes, their sum; one user a line;
//     ["CO_2", 3, 640, 0, 0]                         sums in hundredths of a token
//     ],
//     "unresolvedUsers": [
//     ]
//     }
//
// It is written twice: when the run begins (outcome `running`, no numbers), so that a run whose process died is not
// unknown, and when it ends. Each time the whole file is replaced by a rename; see `DurableFile`.

extension GroundTruth {
    private static let opening = "{"
    private static let runOpening = "\"run\": "
    private static let usersOpening = "\"users\": ["
    private static let unresolvedOpening = "\"unresolvedUsers\": ["
    private static let listEnding = "]"
    private static let ending = "}"

    /// The file of `run` in a truth directory.
    package static func path(of run: String, in directory: String) -> String {
        directory.hasSuffix("/") ? "\(directory)\(run).json" : "\(directory)/\(run).json"
    }

    /// The files of all runs in a truth directory, by name; none where there is no such directory.
    package static func paths(in directory: String) throws(GroundTruthError) -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
                .filter { $0.hasSuffix(".json") }.sorted().map { "\(directory)/\($0)" }
        } catch {
            throw .file(directory, cannotBe: "listed", because: error.localizedDescription)
        }
    }

    /// Writes the file, whole or not at all. Its directory must exist.
    package func write(to path: String) throws(GroundTruthError) {
        var file = try DurableFile(path: path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line: Data
        do {
            line = try encoder.encode(self)
        } catch {
            throw .file(path, cannotBe: "encoded", because: "\(error)")
        }
        try file.append("\(Self.opening)\n\(Self.runOpening)".utf8)
        try file.append(line)
        try file.append(",\n\(Self.usersOpening)\n".utf8)
        try Self.append(users, to: &file)
        try file.append("\(Self.listEnding),\n\(Self.unresolvedOpening)\n".utf8)
        try Self.append(unresolvedUsers, to: &file)
        try file.append("\(Self.listEnding)\n\(Self.ending)\n".utf8)
        try file.finish()
    }

    private static func append(_ users: [UserTruth], to file: inout DurableFile) throws(GroundTruthError) {
        for (index, user) in users.enumerated() {
            let sums = user.sums
            let numbers = "\(sums.earnedCount), \(sums.earnedHundredths), \(sums.spentCount), \(sums.spentHundredths)"
            let end = index == users.count - 1 ? "]\n" : "],\n"
            try file.append("[\"\(user.id)\", \(numbers)\(end)".utf8)
        }
    }

    /// Reads a file that ``write(to:)`` wrote.
    package static func read(from path: String) throws(GroundTruthError) -> GroundTruth {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw .file(path, cannotBe: "read", because: error.localizedDescription)
        }
        var reader = LineReader(path: path, bytes: [UInt8](data))
        try reader.expect(opening)
        var truth = try readSummary(&reader)
        try reader.expect(usersOpening)
        truth.users = try readUsers(&reader)
        try reader.expect(unresolvedOpening)
        truth.unresolvedUsers = try readUsers(&reader)
        try reader.expect(ending)
        return truth
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

    private static func readUsers(_ reader: inout LineReader) throws(GroundTruthError) -> [UserTruth] {
        var users: [UserTruth] = []
        while true {
            let line = try reader.next()
            // The last list ends with `]`, the one before with `],`.
            if line.first == UInt8(ascii: "]") { return users }
            guard let user = UserTruth(line: line) else { throw reader.failure("a user was expected") }
            users.append(user)
        }
    }
}

extension UserTruth {
    /// Reads `["HE_1", 5, 930, 1, 500]`, with or without a comma behind it.
    fileprivate init?(line: ArraySlice<UInt8>) {
        var rest = line
        if rest.last == UInt8(ascii: ",") { rest.removeLast() }
        guard rest.first == UInt8(ascii: "["), rest.last == UInt8(ascii: "]") else { return nil }
        let fields = rest.dropFirst().dropLast().split(separator: UInt8(ascii: ","))
        guard fields.count == 5, fields[0].count >= 2, fields[0].first == UInt8(ascii: "\""),
            fields[0].last == UInt8(ascii: "\"")
        else { return nil }
        var numbers: [Int] = []
        for field in fields.dropFirst() {
            guard field.first == UInt8(ascii: " "),
                let number = Int(String(decoding: field.dropFirst(), as: UTF8.self)), number >= 0
            else { return nil }
            numbers.append(number)
        }
        var sums = TokenSums()
        sums.earnedCount = numbers[0]
        sums.earnedHundredths = numbers[1]
        sums.spentCount = numbers[2]
        sums.spentHundredths = numbers[3]
        self.init(id: String(decoding: fields[0].dropFirst().dropLast(), as: UTF8.self), sums: sums)
    }
}
