import Analysis
import Community
import ExactValues

/// Why a line gives no row.
enum RowRefusal: Error {
    /// The line is left out and counted under this cause.
    case line(String)
    /// One user more than there is room for, which ends the analysis. To leave the rest out instead would make the
    /// result a matter of chance: which user comes last depends on which worker reads which file.
    case tooManyUsers
}

extension RowReader {
    /// Reads a line of the raw zone.
    func read(_ line: LineSplitter.Line) throws(RowRefusal) {
        guard case .bytes(let bytes) = line else { throw .line("longer than \(Limits.lineBytesMax) bytes") }
        do throws(RowReader.Problem) {
            try read(bytes)
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

    /// The amount of an event, the last of its fields; a row without it says nothing.
    func amount(of topic: RawZoneTopic) throws(RowRefusal) -> TokenAmount {
        let field = topic.fields.count - 1
        do {
            return try self[field].amount()
        } catch {
            throw .line("\(topic.fields[field].name) \(error.rawValue)")
        }
    }
}
