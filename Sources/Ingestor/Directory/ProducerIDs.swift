package import Files
import Synchronization
package import SystemPackage

/// Gives every idempotent producer a number that was never given before, also before a restart.
///
/// Numbers are taken in blocks: the end of a block is in the file before the first number of it is given, so that a crash
/// skips some numbers and repeats none. The file is a `StateFile` of the kind `producer-ids`; the payload is one line of
/// text, the first number that was not taken. Format 1 was the payload alone, or nothing where no number was given. Where
/// the file is lost the logs say which numbers are in use.
package final class ProducerIDs: Sendable {
    /// Numbers that are taken at a time.
    package static let blockSize: Int64 = 1000

    private struct State {
        var next: Int64
        var end: Int64
    }

    private let file: StateFile
    private let state: Mutex<State>

    /// Numbers beyond it are not ours: a client may write any number into its batches, and one that is close to the end
    /// of all numbers is not to use them up.
    private static let numberMax = Int64.max / 2

    /// - Parameter known: The producers that the logs remember. None of their numbers is given again even where the file is
    ///   lost: the log would take the first batches of a new producer for those of the old one, sent twice.
    package init(
        at path: FilePath,
        beyond known: some Sequence<Int64> = [],
        disk: Disk = Disk()
    ) throws(IngestorError) {
        file = StateFile(
            path,
            kind: "producer-ids",
            version: 2,
            cure:
                "Move it away to start without it: numbers go on behind those of the producers that the logs remember",
            disk: disk
        )
        var start = known.lazy.filter { $0 < Self.numberMax }.max().map { $0 + 1 } ?? 0
        do throws(FileError) {
            switch try file.read() {
            case .absent: break
            // The first format made the file before it gave a number.
            case .headerless(let bytes) where bytes.isEmpty: break
            case .payload(let bytes, _), .headerless(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                guard text.hasSuffix("\n"), let number = Int64(text.dropLast()), number >= 0 else {
                    throw file.damaged("it does not hold a producer id")
                }
                start = max(start, number)
            }
        } catch {
            throw IngestorError(error)
        }
        state = Mutex(State(next: start, end: start))
    }

    /// A number for a producer.
    package func next() throws(IngestorError) -> Int64 {
        let result = state.withLock { state in
            Result { () throws(IngestorError) -> Int64 in
                if state.next == state.end {
                    let end = state.end + Self.blockSize
                    do throws(FileError) {
                        try file.write(Array("\(end)\n".utf8))
                    } catch {
                        throw IngestorError(error)
                    }
                    state.end = end
                }
                defer { state.next += 1 }
                return state.next
            }
        }
        return try result.get()
    }
}
