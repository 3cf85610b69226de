import ConnectAPI
import Storage

/// A file of one format under its temporary name, while records are added to it.
///
/// An error ends it: what remains is `abandon()`.
protocol RecordFile: Sendable {
    /// What it holds in memory.
    var memoryBytes: Int { get }

    /// How long it is so far, including what it holds in memory, as far as its format can tell.
    var bytes: Int64 { get }

    /// Adds the records of a batch at `run`; those without a value are left out.
    ///
    /// - Parameter bytesMax: How many bytes it may hold afterwards; beyond that it writes.
    mutating func append(
        _ records: SinkRecords,
        _ run: Range<Int>,
        holding bytesMax: Int
    ) async throws(StorageError)

    /// Hands all that it holds to the storage, as far as its format allows, and frees the memory.
    mutating func writeOut() async throws(StorageError)

    /// Ends the file.
    mutating func close() async throws(StorageError) -> RecordFileContents

    /// Closes a file that is not needed any more; it stays under its temporary name.
    func abandon() async
}

/// What a closed file holds.
struct RecordFileContents: Hashable, Sendable {
    let rows: Int64
    let bytes: Int64
    /// CRC-32C of its bytes, 8 hexadecimal digits.
    let crc32c: String
}

/// How records are written: `format.class`. The text is the class's own name.
package enum RecordFormat: String, CaseIterable, Sendable {
    /// Values as JSON, one a line.
    case json = "JsonFormat"

    /// What the names of its files end with, without the dot in front.
    var fileExtension: String {
        switch self {
        case .json: ZoneNames.linesExtension
        }
    }

    /// A file of this format that writes to `writer`.
    func file(_ writer: any FileWriter) -> any RecordFile {
        switch self {
        case .json: JSONLinesFile(writer)
        }
    }
}
