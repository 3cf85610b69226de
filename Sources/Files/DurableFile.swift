package import Checksums
package import SystemPackage

/// Writes a file of any size whole or not at all, in pieces, with a head that holds the checksum of the rest.
///
/// The bytes go to `<path>.tmp`, are flushed to the disk, and only then get their name; the name itself is flushed with
/// the directory. A crash leaves the old file or the new one, and at worst a `.tmp` that nobody reads and the next
/// write replaces.
package struct DurableFile: ~Copyable {
    /// Bytes that are gathered before they are written.
    private static let bufferBytes = 1 << 16

    private let path: FilePath
    private let temporaryPath: FilePath
    private let disk: Disk
    private let file: OpenFile
    private let headBytes: Int
    private var position: Int
    private var buffer: [UInt8] = []
    private var checksum: CRC32C
    private var isFinished = false

    /// Begins to write.
    ///
    /// - Parameters:
    ///   - headBytes: room that ``finish(head:)`` fills.
    ///   - checksum: what the bytes are added to.
    package init(_ path: FilePath, headBytes: Int, checksum: CRC32C, disk: Disk = Disk()) throws(FileError) {
        self.path = path
        self.disk = disk
        self.headBytes = headBytes
        self.checksum = checksum
        temporaryPath = FilePath(path.string + "." + Disk.temporaryExtension)
        file = try disk.open(temporaryPath, .writeOnly, options: [.create, .truncate])
        position = headBytes
        buffer.reserveCapacity(2 * Self.bufferBytes)
    }

    deinit {
        // Somebody gave up halfway. Whatever this returns, the temporary file is not used.
        if !isFinished { try? disk.remove(temporaryPath) }
    }

    /// Puts bytes at the end.
    package mutating func append(_ bytes: some Sequence<UInt8>) throws(FileError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes the head and gives the file its name. Nothing can be appended then.
    ///
    /// - Parameter head: is given the checksum of all that was appended.
    package mutating func finish(head: (CRC32C) -> [UInt8]) throws(FileError) {
        try flush()
        let head = head(checksum)
        precondition(head.count == headBytes, "the head fills its room")
        try file.write(head.span.bytes, at: 0)
        try file.synchronize()
        try disk.rename(temporaryPath, to: path)
        isFinished = true
        try disk.synchronizeDirectory(path.directory)
    }

    private mutating func flush() throws(FileError) {
        checksum.update(buffer)
        try file.write(buffer.span.bytes, at: position)
        position += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
