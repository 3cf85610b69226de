package import Files
package import NIOCore

/// Whole record batches of a log, as a place in a file: for `sendfile`, or to be read.
///
/// The file stays readable while the slice lives, also when its segment is deleted meanwhile.
package struct LogSlice: Sendable {
    /// The open file; it closes with the last slice of it.
    package let file: OpenFile
    /// Where the first batch begins.
    package let position: Int
    /// The bytes of all batches, at least one batch.
    package let length: Int
    /// The offset of the first record of the first batch, which may lie before the offset that was asked for.
    package let baseOffset: Int64

    /// The batches in a buffer of their own; see ``read(into:)``.
    package func bytes() throws(LogError) -> ByteBuffer { try bytes(at: 0, count: length) }

    /// At most `count` bytes from `place` on, counted from the start of the slice; see ``read(into:)``.
    package func bytes(at place: Int, count: Int) throws(LogError) -> ByteBuffer {
        var buffer = ByteBuffer()
        try read(place..<min(length, place + count), into: &buffer)
        return buffer
    }

    /// Appends the batches to `buffer`.
    ///
    /// - Throws: ``LogError/Code/storageFailed`` where the device cannot read, ``LogError/Code/damaged`` where the
    ///   file has become shorter, which nothing but damage from outside can do.
    package func read(into buffer: inout ByteBuffer) throws(LogError) { try read(0..<length, into: &buffer) }

    private func read(_ range: Range<Int>, into buffer: inout ByteBuffer) throws(LogError) {
        let count: Int
        do throws(FileError) {
            count = try file.read(range.count, at: position + range.lowerBound, into: &buffer)
        } catch {
            throw LogError(error)
        }
        guard count == range.count else {
            throw LogError(.damagedLog(file.path, "it ends before byte \(position + range.upperBound)"))
        }
    }
}
