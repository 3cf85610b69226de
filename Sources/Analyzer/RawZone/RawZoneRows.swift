import Analysis
import Community
import ExactValues
import Storage

/// Why a line gives no row.
enum RowRefusal: Error {
    /// The line is left out and counted under this cause.
    case line(String)
    /// One user more than there is room for, which ends the analysis. Leaving the rest out would make the
    /// result random: which user comes last depends on which worker reads which file.
    case tooManyUsers
}

extension RowReader {
    /// Reads a line of the raw zone.
    func read(_ line: LineScanner.Line) throws(RowRefusal) {
        guard case .bytes(let bytes) = line else { throw .line("longer than \(Limits.lineBytesMax) bytes") }
        do throws(RowReader.Problem) {
            try read(bytes.bindMemory(to: UInt8.self))
        } catch {
            switch error {
            case .notJSON(let reason): throw .line("not JSON: \(reason)")
            case .notAnObject: throw .line("not a JSON object")
            }
        }
    }

    /// `id_utente`, the first field of every topic; a row without it belongs to no user.
    func user() throws(RowRefusal) -> UnsafeRawBufferPointer {
        do {
            return try self[0].usableText()
        } catch {
            throw .line("id_utente \(error.rawValue)")
        }
    }

    /// The amount of an event, the last of its fields; a row without it is unusable.
    func amount() throws(RowRefusal) -> TokenAmount {
        let last = fields.count - 1
        do {
            return try self[last].amount()
        } catch {
            throw .line("\(fields[last].name) \(error.rawValue)")
        }
    }
}

extension LineScanner {
    /// A scanner of raw zone files for ``RowReader``.
    static func ofRows() -> LineScanner {
        LineScanner(
            lineBytesMax: Limits.lineBytesMax,
            pieceBytes: Limits.lineBytesMax + 1,
            paddingBytes: RowReader.padding
        )
    }

    /// Reads a file and calls `body` with every line that is not empty and its number, the first being 1.
    ///
    /// - Parameter onBytes: called with how many more bytes were read, once their lines were taken.
    /// - Returns: how many bytes it has.
    func read(
        _ file: RawZoneFile,
        of storage: any FileSystem,
        onBytes: (Int) -> Void,
        _ body: (Line, Int) throws(AnalysisError) -> Void
    ) async throws(AnalysisError) -> Int {
        do throws(StorageError) {
            try await open(file.path, in: storage)
        } catch {
            throw .unreadable(file.path.description, error)
        }
        while let piece = try await piece(of: file) {
            while let line = nextLine() {
                if !line.isEmpty { try body(line, Int(lineNumber)) }
            }
            onBytes(piece.count)
        }
        return Int(position)
    }

    private func piece(of file: RawZoneFile) async throws(AnalysisError) -> UnsafeRawBufferPointer? {
        do {
            return try await readPiece()
        } catch {
            throw .unreadable(file.path.description, error)
        }
    }
}

extension LineScanner.Line {
    /// Whether there is nothing before the line feed, or before a carriage return and the line feed.
    fileprivate var isEmpty: Bool {
        guard case .bytes(let bytes) = self else { return false }
        return bytes.isEmpty || bytes.count == 1 && bytes[0] == UInt8(ascii: "\r")
    }
}

/// What one worker reads files with.
struct Readers {
    let lines = LineScanner.ofRows()
    let onBytes: (Int) -> Void
    private var byTopic: [RawZoneTopic: RowReader] = [:]

    init(_ progress: StageProgress) throws(AnalysisError) {
        onBytes = { progress.passed($0) }
        for topic in RawZoneTopic.allCases {
            guard let reader = RowReader(fields: topic.fields) else {
                throw .noMemory("the JSON reader could not be made")
            }
            byTopic[topic] = reader
        }
    }

    subscript(topic: RawZoneTopic) -> RowReader {
        guard let reader = byTopic[topic] else { preconditionFailure("every topic has a reader") }
        return reader
    }
}
