import NIOCore
import Synchronization

/// Gives every idempotent producer a number that was never given before, also before a restart.
///
/// Numbers are taken in blocks: the end of a block is in the file before the first number of it is given, so that a crash
/// skips some numbers and repeats none. The file is one line of text: the first number that was not taken.
package final class ProducerIDs: Sendable {
    /// Numbers that are taken at a time.
    package static let blockSize: Int64 = 1000

    private struct State {
        var next: Int64
        var end: Int64
    }

    private let path: String
    private let state: Mutex<State>

    package init(at path: String) throws(IngestorError) {
        var content = ByteBuffer()
        _ = try JournalFile(path, content: &content)
        let text = content.readString(length: content.readableBytes) ?? ""
        var start: Int64 = 0
        if !text.isEmpty {
            guard text.hasSuffix("\n"), let number = Int64(text.dropLast()), number >= 0 else {
                throw .corruptFile(path, "does not hold a producer id")
            }
            start = number
        }
        self.path = path
        state = Mutex(State(next: start, end: start))
    }

    /// A number for a producer.
    package func next() throws(IngestorError) -> Int64 {
        let result = state.withLock { state in
            Result { () throws(IngestorError) -> Int64 in
                if state.next == state.end {
                    let end = state.end + Self.blockSize
                    try JournalFile.write(ByteBuffer(string: "\(end)\n"), atomicallyTo: path)
                    state.end = end
                }
                defer { state.next += 1 }
                return state.next
            }
        }
        return try result.get()
    }
}
