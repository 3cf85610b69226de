import ExactValues
import GroundTruth
import Report
import Storage
import SystemPackage

/// How the segments of an analysis fit the personas that the source gave its users.
package struct PersonaMatch: Hashable, Sendable, Encodable {
    /// Bounds of reading.
    private enum Limits {
        /// How many bytes of the file are read at once.
        static let pieceBytes = 1 << 20
    }

    /// The adjusted Rand index: 1 where segments are personas, about 0 where they have nothing to do with them; `nil`
    /// where fewer than two users can be compared.
    package let randIndex: Double?
    /// Users who have a persona and a segment.
    package let users: Int
    package let personas: Int
    package let segments: Int
    /// Users with a persona who earned nothing that was filed, and so have no segment.
    package let withoutSegment: Int
    /// Users with a segment of whom the source knows no persona, or several.
    package let withoutPersona: Int

    /// Reads the users' segments from the file at `path`.
    ///
    /// - Throws: `StorageError`, ``ScoreError`` where it is not the `segments.csv` of an analysis.
    init(_ personas: Personas, segmentsAt path: String) async throws {
        var index = AdjustedRandIndex()
        var (segmented, strangers) = (0, 0)
        try await Self.read(path) { id, segment in
            guard segment > 0 else { return }
            guard let persona = personas.number(of: id) else {
                strangers += 1
                return
            }
            segmented += 1
            index.add(persona, segment)
        }
        randIndex = index.value
        users = index.things
        (self.personas, segments) = index.groups
        withoutSegment = max(0, personas.users - segmented)
        withoutPersona = strangers
    }

    private static func read(_ path: String, _ body: (String, Int) -> Void) async throws {
        let location = FilePath(path)
        let directory = location.removingLastComponent()
        let storage = try StorageLocation.directory(directory.isEmpty ? "." : directory).fileSystem()
        let file = try await storage.open(StoragePath(location.lastComponent?.string ?? ""))
        var reader = SegmentsReader()
        do {
            var offset: Int64 = 0
            while true {
                let piece = try await file.read(from: offset, count: Limits.pieceBytes)
                if piece.isEmpty { break }
                try reader.read(piece, body)
                offset += Int64(piece.count)
            }
            try reader.finish(body)
        } catch {
            await file.close()
            throw (error as? SegmentsReader.Failure).map { ScoreError.segments(path, $0) } ?? error
        }
        await file.close()
    }
}

/// Who has which persona, as the source's runs say together.
///
/// A user who has several, since runs with other seeds use the same ids, has none here.
struct Personas: Sendable {
    /// The number of the persona's name among all that occur, from 0; `nil` where there are several.
    private var byUser: [ExactText: Int?] = [:]
    private var numbers: [String: Int] = [:]

    init() {}

    var users: Int { byUser.values.count { $0 != nil } }

    mutating func add(_ truth: GroundTruth) {
        let names = truth.personas ?? []
        for user in truth.users + truth.unresolvedUsers {
            guard let persona = user.persona, names.indices.contains(persona - 1) else { continue }
            let number = numbers[names[persona - 1], default: numbers.count]
            numbers[names[persona - 1]] = number
            let id = ExactText(user.id)
            let isAnother = byUser[id].map { $0 != number } ?? false
            byUser[id] = .some(isAnother ? nil : number)
        }
    }

    func number(of user: String) -> Int? { byUser[ExactText(user)] ?? nil }
}
