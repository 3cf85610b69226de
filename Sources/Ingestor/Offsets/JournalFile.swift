import CommitLog
import Files
import NIOCore
import SystemPackage

/// An append-only file that is replaced by a compacted one when it has grown too much.
///
/// Not thread-safe: its owner locks it.
struct JournalFile: ~Copyable {
    let path: FilePath
    /// Its length, and where the next bytes go.
    private(set) var byteCount: Int
    private let disk: Disk
    private var file: OpenFile
    /// How often a file got the name, and how many of these times are on the device. A process that was killed may have
    /// given the name to a file that was just opened.
    private var namings = 1
    private var namingsFlushed = 0

    /// Opens the file, or makes an empty one, and appends what is in it to `content`.
    init(_ path: FilePath, content: inout ByteBuffer, disk: Disk) throws(FileError) {
        let file = try disk.open(path, .readWrite, options: .create)
        let byteCount = try file.read(try file.size(), at: 0, into: &content)
        self.init(path, file, byteCount: byteCount, disk: disk)
    }

    /// Makes an empty file that will replace the one at `path`; see ``adopt(_:)``. It has a name of its own until then; a
    /// file of that name, left by a crash, is emptied.
    init(toReplace path: FilePath, disk: Disk) throws(FileError) {
        let temporary = FilePath(path.string + "." + Disk.temporaryExtension)
        let file = try disk.open(temporary, .readWrite, options: [.create, .truncate])
        self.init(temporary, file, byteCount: 0, disk: disk)
    }

    private init(_ path: FilePath, _ file: OpenFile, byteCount: Int, disk: Disk) {
        self.path = path
        self.file = file
        self.byteCount = byteCount
        self.disk = disk
    }

    /// Writes `bytes` at the end. Where this fails, the next bytes take their place.
    mutating func append(_ bytes: ByteBuffer) throws(FileError) {
        try file.write(bytes.readableBytesSpan, at: byteCount)
        byteCount += bytes.readableBytes
    }

    /// Cuts off everything from `byteCount` on.
    mutating func cut(to byteCount: Int) throws(FileError) {
        try file.truncate(to: byteCount)
        self.byteCount = byteCount
    }

    /// Returns when everything that was appended before is on the device.
    borrowing func synchronize() throws(FileError) { try file.synchronize() }

    /// Puts `other`, made by ``init(toReplace:disk:)`` and forced to the device, in the place of this file. What is appended
    /// from now on goes to it; `other` is the old file afterwards.
    ///
    /// The new name is on the device after the next ``Flush`` only; a power cut before it brings the old file back.
    mutating func adopt(_ other: inout JournalFile) throws(FileError) {
        try disk.rename(other.path, to: path)
        swap(&file, &other.file)
        swap(&byteCount, &other.byteCount)
        namings += 1
    }

    /// Forces a journal to the device as it was when ``flush()`` was called: its bytes, and its name where that is new. It
    /// runs without the owner's lock, so that appends do not wait for the device.
    struct Flush {
        fileprivate let file: OpenFile
        /// The directory, where the name is new.
        fileprivate let directory: FilePath?
        fileprivate let namings: Int
        fileprivate let disk: Disk

        func run() throws(FileError) {
            try file.synchronize()
            if let directory { try disk.synchronizeDirectory(directory) }
        }
    }

    /// What forces the file as it is now to the device.
    borrowing func flush() -> Flush {
        Flush(file: file, directory: namings > namingsFlushed ? path.directory : nil, namings: namings, disk: disk)
    }

    /// Notes that `flush` has run: a later one need not flush the same name again.
    mutating func flushed(_ flush: Flush) { namingsFlushed = max(namingsFlushed, flush.namings) }
}
