import Files
import SystemPackage

/// Puts one cleaned segment in the place of those that it was made from, so that a crash leaves the old ones or the new one.
///
///     00000000000000004711.log.cleaned   the new segment's log, named by the first of the old ones
///     swap.json                          a state file of the kind `swap`; its payload is this value as JSON:
///                                        {"segments":[4711,5213]}, the base offsets of the old ones
///
/// 1. The new log is written and forced to the device.
/// 2. `swap.json` is written durably. From here on the swap is carried out, whatever happens.
/// 3. The new log takes the name of the first old one. Readers that have that open read on.
/// 4. The indexes of the new one are written, the files of the other old ones removed, and the directory forced to the device.
/// 5. `swap.json` is removed, and the directory forced to the device once more: a later swap must not meet it.
///
/// A crash before 2 leaves a `.cleaned` file, which the next opening removes; one after it is finished by ``finish(in:disk:)``.
/// Doing a step twice changes nothing: no new segment ever gets the name of an old one, as offsets only grow.
struct SegmentSwap: Codable, Hashable, Sendable {
    static let fileName = "swap.json"

    /// The base offsets of the segments that are replaced, in order; the new one has the first.
    let segments: [Int64]

    private static func file(in directory: FilePath, _ disk: Disk) -> StateFile {
        StateFile(
            directory.appending(fileName),
            kind: "swap",
            version: 2,
            cure: "Restore the partition's directory from a backup, or delete its topic",
            disk: disk
        )
    }

    private static func path(_ directory: FilePath, _ offset: Int64, _ fileExtension: String) -> FilePath {
        directory.appending(LogFileName(offset, fileExtension).text)
    }

    /// Step 2.
    func begin(in directory: FilePath, disk: Disk) throws(FileError) {
        try Self.file(in: directory, disk).write(JSONState.bytes(self))
    }

    /// Steps 4 and 5, once the new log has its name and its indexes are written.
    func end(in directory: FilePath, disk: Disk) throws(FileError) {
        for offset in segments.dropFirst() {
            // The log first: a segment is what has a log.
            for fileExtension in [LogSegment.logExtension] + LogSegment.indexExtensions {
                try disk.remove(Self.path(directory, offset, fileExtension))
            }
        }
        try Self.remove(in: directory, disk)
    }

    private static func remove(in directory: FilePath, _ disk: Disk) throws(FileError) {
        try disk.synchronizeDirectory(directory)
        try disk.remove(directory.appending(fileName))
        try disk.synchronizeDirectory(directory)
    }

    /// Whether step 3 is done.
    func isDone(in directory: FilePath, disk: Disk) -> Bool {
        segments.first.map { !disk.exists(Self.path(directory, $0, LogSegment.cleanedExtension)) } ?? true
    }

    /// Takes back a swap whose new log did not get its name. That goes last: without it the swap would count as done.
    func undo(in directory: FilePath, disk: Disk) throws(FileError) {
        try Self.remove(in: directory, disk)
        if let first = segments.first { try disk.remove(Self.path(directory, first, LogSegment.cleanedExtension)) }
    }

    /// Finishes the swap that a crash interrupted. To be called before the segments are looked at.
    static func finish(in directory: FilePath, disk: Disk) throws(FileError) {
        guard let swap = try load(from: directory, disk: disk) else { return }
        if let first = swap.segments.first {
            let cleaned = path(directory, first, LogSegment.cleanedExtension)
            if disk.exists(cleaned) {
                try disk.rename(cleaned, to: path(directory, first, LogSegment.logExtension))
            }
            // They may be those of the old segment; the log makes them again.
            for fileExtension in LogSegment.indexExtensions {
                try disk.remove(path(directory, first, fileExtension))
            }
        }
        try swap.end(in: directory, disk: disk)
    }

    /// The swap that is under way; `nil` where there is none.
    static func load(from directory: FilePath, disk: Disk) throws(FileError) -> SegmentSwap? {
        let file = file(in: directory, disk)
        switch try file.read() {
        case .absent: return nil
        case .payload(let bytes, _):
            guard let swap = JSONState.value(Self.self, bytes), swap.isPossible else {
                throw file.damaged("it is not a list of segments")
            }
            return swap
        case .headerless: throw file.damaged("it has no header")
        }
    }

    private var isPossible: Bool {
        !segments.isEmpty && segments == segments.sorted() && segments.allSatisfy { 0...LogLimits.offsetMax ~= $0 }
    }
}
