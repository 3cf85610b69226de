package import Files
package import NIOCore
import SystemPackage

/// What logs and journals need of files beyond the module `Files`.
extension OpenFile {
    /// Appends the `count` bytes from `position` on to `buffer`; returns how many there were before the end of the file.
    @discardableResult
    package func read(_ count: Int, at position: Int, into buffer: inout ByteBuffer) throws(FileError) -> Int {
        let before = buffer.readableBytes
        try buffer.writeWithOutputRawSpan(minimumWritableBytes: count) { span throws(FileError) in
            try span.withUnsafeMutableBytes { room, initialized throws(FileError) in
                // The pointers stay in this closure, and only bytes that were read count as initialized.
                let rest = UnsafeMutableRawBufferPointer(rebasing: room[initialized..<(initialized + count)])
                initialized += try read(into: rest, at: position)
            }
        }
        return buffer.readableBytes - before
    }
}

extension FileError {
    static func damagedLog(_ path: FilePath, _ reason: String) -> FileError {
        .damaged(path, reason, cure: "Restart the ingestor: it sets aside what is damaged and serves the rest")
    }
}

extension LogError {
    /// What a failure on a file means for a log.
    package init(_ error: FileError) {
        switch error.code {
        case .noSpace: self.init(.storageFull, "\(error.reason). Free space there, or shorten retention.ms")
        case .damaged, .unknownFormat: self.init(.damaged, error.description)
        case .locked: self.init(.locked, error.description)
        case .tooManyOpenFiles, .notPermitted, .inTheWay, .notFound, .failed:
            self.init(.storageFailed, error.description)
        }
    }

    /// Runs `body`, with its failures as a log's.
    static func mapping<Result: ~Copyable>(
        _ body: () throws(FileError) -> Result
    ) throws(LogError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw LogError(error)
        }
    }
}
