package import Checksums
package import SystemPackage

/// A file that takes the place of another one as a whole: a reader sees the old file or the new one.
///
/// The bytes go to a temporary file beside it, are forced to the device, and only then get the name; the name itself is
/// forced with the directory. A crash leaves the old file or the new one, and at worst the temporary one, which nothing
/// reads and the next write replaces. One that does not take its place is removed with the last reference to it.
package final class ReplacementFile {
    package let path: FilePath
    private let temporary: FilePath
    private let disk: Disk
    private let file: OpenFile
    private var byteCount = 0
    private var hasName = false

    /// - Parameter temporary: Where the bytes go at first, in the same directory: `<path>.tmp` unless told otherwise.
    package init(_ path: FilePath, temporary: FilePath? = nil, disk: Disk = Disk()) throws(FileError) {
        self.path = path
        self.disk = disk
        self.temporary = temporary ?? FilePath(path.string + "." + Disk.temporaryExtension)
        file = try disk.open(self.temporary, .writeOnly, options: [.create, .truncate])
    }

    deinit {
        // Whatever this returns, the temporary file is not used.
        if !hasName { try? disk.remove(temporary) }
    }

    /// Writes bytes at the end.
    package func append(_ bytes: RawSpan) throws(FileError) {
        try file.write(bytes, at: byteCount)
        byteCount += bytes.byteCount
    }

    /// Writes bytes over those at the beginning.
    fileprivate func overwriteHead(_ bytes: RawSpan) throws(FileError) { try file.write(bytes, at: 0) }

    /// Forces the bytes to the device.
    package func synchronize() throws(FileError) { try file.synchronize() }

    /// Gives the file its name. It is on the device when the directory was forced to it.
    package func takeName() throws(FileError) {
        try disk.rename(temporary, to: path)
        hasName = true
    }

    /// Puts the file in its place.
    ///
    /// - Parameter durably: Whether it survives a power cut; the call waits for the device then.
    package func replace(durably: Bool = true) throws(FileError) {
        if durably { try synchronize() }
        try takeName()
        if durably { try disk.synchronizeDirectory(path.directory) }
    }
}

/// Writes a file of any size whole or not at all, in pieces, with a head that holds the checksum of the rest.
package struct ChecksummedFile: ~Copyable {
    /// Bytes that are gathered before they are written.
    private static let bufferBytes = 1 << 16

    private let file: ReplacementFile
    private let headBytes: Int
    private var buffer: [UInt8]
    private var checksum: CRC32C

    /// Begins to write.
    ///
    /// - Parameters:
    ///   - headBytes: room that ``finish(head:)`` fills.
    ///   - checksum: what the bytes are added to.
    package init(_ path: FilePath, headBytes: Int, checksum: CRC32C, disk: Disk = Disk()) throws(FileError) {
        let file = try ReplacementFile(path, disk: disk)
        try file.append([UInt8](repeating: 0, count: headBytes).span.bytes)
        self.file = file
        self.headBytes = headBytes
        self.checksum = checksum
        buffer = []
        buffer.reserveCapacity(2 * Self.bufferBytes)
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
        try file.overwriteHead(head.span.bytes)
        try file.replace()
    }

    private mutating func flush() throws(FileError) {
        checksum.update(buffer)
        try file.append(buffer.span.bytes)
        buffer.removeAll(keepingCapacity: true)
    }
}
