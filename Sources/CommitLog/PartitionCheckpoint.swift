import Files
import FoundationEssentials
import SystemPackage

/// The state that opening a partition needs: the file `checkpoint.json`, a `StateFile` of the kind
/// `checkpoint` whose payload is this value as JSON. Format 1 had the same fields without a checksum, and the field
/// `format`; its numbers decide nothing that would lose records.
struct PartitionCheckpoint: Codable, Hashable, Sendable {
    static let fileName = "checkpoint.json"

    /// The end of a log that was closed cleanly: batches and indexes before it are on the device. The snapshot of the
    /// producers there need not be: where a power cut damaged it, an older one and the batches after it replace it.
    ///
    /// It holds as long as the last segment has this size, so nothing need be written here when the log is opened again
    /// and grows: a log that is longer was not closed. After a power cut the size proves nothing, as the cut may have
    /// taken just what was appended since; there it holds only if the logs were not opened after it.
    struct CleanEnd: Codable, Hashable, Sendable {
        let segment: Int64
        let bytes: Int
        let endOffset: Int64
        /// The opening that the log was closed in: see `OffsetReservations`.
        let opening: String?
    }

    /// The checkpoint of a directory.
    enum Found {
        case absent
        case verified(PartitionCheckpoint)
        /// Of format 1, which had no checksum.
        case unverified(PartitionCheckpoint)
        case damaged(String)
    }

    /// Records before it are deleted, also where a segment still has them.
    var logStartOffset: Int64
    /// The base offset of the first segment that may not be on the device as it was written. Recovery reads from here.
    var recoveryOffset: Int64
    /// All records before it were on the device.
    var flushedOffset: Int64?
    /// No record has this offset or a greater one: see `OffsetReservations`.
    var reservedOffset: Int64?
    /// Records before it were cleaned; `nil` where none was. One that is too small costs time only.
    var cleanedOffset: Int64?
    var cleanEnd: CleanEnd?
    /// The leader epochs of all batches before ``recoveryOffset`` and ``recoveryPoint`` at least; those after it say theirs themselves.
    var leaderEpochs: LeaderEpochs?
    /// Of the segment at ``recoveryOffset`` this much need not be read either.
    var recoveryPoint: RecoveryPoint?

    /// The greatest offset that the log is known to have reached.
    var reachedOffset: Int64 {
        max(logStartOffset, recoveryOffset, flushedOffset ?? 0, cleanEnd?.endOffset ?? 0, recoveryPoint?.endOffset ?? 0)
    }

    private static func file(in directory: FilePath, _ disk: Disk) -> StateFile {
        StateFile(
            directory.appending(fileName),
            kind: "checkpoint",
            version: 2,
            cure: "Remove it: the log is then read as a whole",
            disk: disk
        )
    }

    func save(in directory: FilePath, disk: Disk) throws(FileError) {
        try Self.file(in: directory, disk).write(JSONState.bytes(self))
    }

    /// - Throws: ``FileError/Code/unknownFormat`` where a newer program wrote it, or what the operating system refused.
    static func load(from directory: FilePath, disk: Disk) throws(FileError) -> Found {
        let content: StateFile.Content
        do throws(FileError) {
            content = try file(in: directory, disk).read()
        } catch {
            guard error.code == .damaged else { throw error }
            return .damaged(error.reason)
        }
        switch content {
        case .absent: return .absent
        case .payload(let bytes, _):
            guard let checkpoint = JSONState.value(Self.self, bytes), checkpoint.isPossible else {
                return .damaged("it is not a checkpoint")
            }
            return .verified(checkpoint)
        case .headerless(let bytes):
            guard JSONState.value(FirstFormat.self, bytes)?.format == 1,
                let checkpoint = JSONState.value(Self.self, bytes), checkpoint.isPossible
            else { return .damaged("it is not a checkpoint") }
            return .unverified(checkpoint)
        }
    }

    private var isPossible: Bool {
        let offsets = [
            logStartOffset, recoveryOffset, flushedOffset, reservedOffset, cleanedOffset, cleanEnd?.endOffset,
        ]
        return offsets.allSatisfy { 0...LogLimits.offsetMax ~= $0 ?? 0 }
            && leaderEpochs?.isPossible ?? true && recoveryPoint?.isPossible ?? true
    }
}

/// The mark of files of format 1.
struct FirstFormat: Decodable {
    let format: Int
}

/// State files whose payload is JSON.
package enum JSONState {
    package static func bytes(_ value: some Encodable) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("state has only texts and numbers, and did not encode: \(error)")
        }
    }

    package static func value<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
