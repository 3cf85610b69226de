import FoundationEssentials
import NIOCore
import SystemPackage

/// What a partition must know of itself when it is opened: the file `checkpoint.json`, replaced as a whole.
struct PartitionCheckpoint: Codable, Hashable, Sendable {
    static let fileName = "checkpoint.json"
    static let formatNow = 1

    /// The end of a log that was closed in order: batches and indexes before it are on the device. The snapshot of the
    /// producers there need not be: where a power cut damaged it, an older one and the batches behind it take its place.
    ///
    /// It holds as long as the last segment has this size. So nothing need be written when the log is opened again and
    /// grows: a log that is longer was not closed.
    struct CleanEnd: Codable, Hashable, Sendable {
        let segment: Int64
        let bytes: Int
        let endOffset: Int64
    }

    var format = formatNow
    /// Records before it are deleted, also where a segment still has them.
    var logStartOffset: Int64
    /// The base offset of the first segment that may not be on the device as it was written. Recovery reads from here.
    var recoveryOffset: Int64
    var cleanEnd: CleanEnd?

    func save(in directory: FilePath, calls: DiskCalls) throws(LogError) {
        let path = directory.appending(Self.fileName)
        let data: Data
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            data = try encoder.encode(self)
        } catch {
            preconditionFailure("a checkpoint has only numbers, and did not encode: \(error)")
        }
        try Disk.replace(path, with: ByteBuffer(bytes: data), durably: true, calls: calls)
    }

    /// The checkpoint of a partition; `nil` where there is none or it cannot be read, which costs a full recovery.
    static func load(from directory: FilePath) throws(LogError) -> PartitionCheckpoint? {
        guard let bytes = try Disk.contents(of: directory.appending(fileName)),
            let checkpoint = try? JSONDecoder().decode(Self.self, from: Data(bytes.readableBytesView)),
            checkpoint.format == formatNow, checkpoint.logStartOffset >= 0
        else { return nil }
        return checkpoint
    }
}
