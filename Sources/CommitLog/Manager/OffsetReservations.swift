import Files
import FoundationEssentials
import Synchronization
import SystemPackage

/// Upper bounds of the offsets that were assigned, even where a log is lost: the file `reserved-offsets.json` in the root,
/// a `StateFile` of the kind `reserved-offsets` with the JSON
///
///     {"boot":"5a0f…","kept":{"premi-0":"97D2…",…},"leaderEpoch":3,"opening":"C41B…",
///      "reserved":{"utenti-0":16777216,…},"starts":{"utenti-0":4711,…}}
///
/// A log gives an offset only below its reserved bound, and raises the bound, durably, long before it gets there
/// (``LogLimits/offsetsReserved``). So a log that lost its end goes on at the bound and gives no offset twice. The bound is
/// also in the partition's own checkpoint: either file may be damaged, and either may be lost.
///
/// `boot` is the boot of the machine in which the logs were opened. In the same boot nothing that was written can be
/// missing, as it is in the page cache; in another one the end of every log that was not closed is in doubt.
///
/// `leaderEpoch` is the greatest leader epoch that any log has had, on the device before the first record of it is
/// appended: it is not used again, also if a power cut takes all of its records. It rises when a topic is deleted, so that
/// one that gets its name is of a greater epoch and no reader of the first takes its place for one in the second. See
/// ``LeaderEpochs``.
///
/// `opening` is a new name each time that the logs are opened, on the device before the first append. A log that was
/// closed notes it (`PartitionCheckpoint.CleanEnd`). Where the two differ the log was opened again later and not
/// closed, also if a power cut left it exactly as it had been closed before.
///
/// `starts` says of logs whose records were deleted by request where they begin: one write for all logs of a request. The
/// checkpoint of the partition may say a greater offset, and says at least this one when it is next written.
///
/// `kept` is written when all logs are closed, and emptied before the first append. A log that did not change since an
/// earlier opening still notes that one, which it is in the list with: closing many idle logs is one write.
package final class OffsetReservations: Sendable {
    package static let fileName = "reserved-offsets.json"

    private struct Content: Codable {
        var boot: String?
        var opening: String?
        var leaderEpoch: Int32?
        var kept: [String: String]?
        var reserved: [String: Int64] = [:]
        var starts: [String: Int64]?

        var isPossible: Bool {
            [reserved, starts ?? [:]].allSatisfy { $0.values.allSatisfy { 0...LogLimits.offsetMax ~= $0 } }
                && leaderEpoch ?? 0 >= 0
        }
    }

    /// Whether the machine runs since the logs were last opened; also `true` where none were.
    let isSameBoot: Bool
    /// Where a damaged file was put; the bounds are those of the checkpoints then.
    let setAside: FilePath?
    private let file: StateFile
    private let boot: String
    private let content: Mutex<Content>
    /// Held while the file is written. Taken before `content`.
    private let writing = Mutex(())

    /// - Parameters:
    ///   - boot: The boot's identifier; an empty one, where it is not known, counts as another boot.
    ///   - isFirst: Whether the root was written by a version without this file.
    init(root: FilePath, boot: String, isFirst: Bool, disk: Disk) throws(FileError) {
        self.boot = boot
        file = StateFile(
            root.appending(Self.fileName),
            kind: "reserved-offsets",
            version: 2,
            cure: "Remove it: the checkpoints of the partitions have the bounds too, and records deleted on request "
                + "lately may be there again",
            disk: disk
        )
        var content = Content()
        var setAside: FilePath?
        var isKnown = isFirst
        do throws(FileError) {
            switch try file.read() {
            case .absent: break
            case .payload(let bytes, _):
                guard let read = JSONState.value(Content.self, bytes), read.isPossible else {
                    throw file.damaged("it is not a list of offsets")
                }
                content = read
                isKnown = !boot.isEmpty && read.boot == boot
            case .headerless: throw file.damaged("it has no header")
            }
        } catch {
            guard error.code == .damaged else { throw error }
            setAside = try disk.setAside(file.path, as: "damaged")
        }
        isSameBoot = isKnown
        self.setAside = setAside
        self.content = Mutex(content)
    }

    /// The last opening that was noted; `nil` where none is known.
    var opening: String? { content.withLock(\.opening) }

    /// The greatest leader epoch that any log has had; `nil` where none is known.
    var leaderEpoch: Int32? { content.withLock(\.leaderEpoch) }

    /// Whether a log in the directory of this name that notes this opening was not opened and left unclosed since.
    func isLastClosing(_ opening: String?, of directory: String) -> Bool {
        content.withLock { content in
            opening == content.opening || (opening != nil && opening == content.kept?[directory])
        }
    }

    /// Notes that all logs are closed, and the openings that the unchanged ones note, by the names of their directories.
    func noteClosed(kept: [String: String]) throws(FileError) {
        if !kept.isEmpty { try change { $0.kept = kept } }
    }

    /// The bound of the partition whose directory has this name; `nil` where none is known.
    func bound(of directory: String) -> Int64? { content.withLock { $0.reserved[directory] } }

    /// Where the log of the partition begins, by this file.
    func startOffset(of directory: String) -> Int64 { content.withLock { $0.starts?[directory] ?? 0 } }

    /// Notes where logs begin, durably; none begins earlier than before.
    func noteStarts(_ starts: [String: Int64]) throws(FileError) {
        try change { $0.starts = ($0.starts ?? [:]).merging(starts) { max($0, $1) } }
    }

    /// Raises bounds durably; none is lowered.
    func raise(_ bounds: [String: Int64]) throws(FileError) {
        try change { $0.reserved.merge(bounds) { max($0, $1) } }
    }

    /// Sets the bounds of partitions that are created now; earlier bounds of their names belonged to others.
    func begin(_ bounds: [String: Int64]) throws(FileError) {
        try change { content in
            content.reserved.merge(bounds) { $1 }
            content.starts = content.starts?.filter { bounds[$0.key] == nil }
        }
    }

    /// Raises the leader epoch of logs that are made from now on, durably if that can be done now; else with the next change.
    func raiseLeaderEpoch() {
        content.withLock { $0.leaderEpoch = ($0.leaderEpoch ?? 0).addingSaturating(1) }
        // The disk may be full, and a topic be deleted for that reason.
        try? change { _ in }
    }

    /// Forgets all partitions but these, and notes the boot and a new opening: from now on nothing that is written is
    /// in doubt in this boot, and after it everything that is not closed. The leader epoch of the logs is noted.
    func beginOpening(keeping directories: Set<String>, leaderEpoch: Int32) throws(FileError) {
        try change { content in
            content.reserved = content.reserved.filter { directories.contains($0.key) }
            content.starts = content.starts?.filter { directories.contains($0.key) }
            content.opening = UUID().uuidString
            content.leaderEpoch = max(content.leaderEpoch ?? 0, leaderEpoch)
            content.kept = nil
        }
    }

    private func change(_ change: (inout Content) -> Void) throws(FileError) {
        try writing.withLock { _ throws(FileError) in
            var next = content.withLock { $0 }
            change(&next)
            next.boot = boot
            try file.write(JSONState.bytes(next))
            content.withLock { $0 = next }
        }
    }
}
