import Glibc
import NIOCore
package import SystemPackage

/// An open file, whose descriptor lives as long as anybody refers to it.
///
/// A reader that got a ``LogSlice`` can therefore still read when retention has deleted the segment. Reading and
/// writing name their position and share no state, so any thread may do either.
package final class LogFile: Sendable {
    package let path: FilePath
    /// Open while this object lives; not to be closed by anybody else.
    package let descriptor: SystemPackage.FileDescriptor
    private let calls: DiskCalls

    init(
        _ path: FilePath,
        _ mode: SystemPackage.FileDescriptor.AccessMode = .readOnly,
        options: SystemPackage.FileDescriptor.OpenOptions = [],
        calls: DiskCalls = .system
    ) throws(LogError) {
        self.path = path
        self.calls = calls
        do {
            let options = options.union(.closeOnExec)
            descriptor = try SystemPackage.FileDescriptor.open(
                path,
                mode,
                options: options,
                permissions: Disk.filePermissions
            )
        } catch {
            throw LogError.storage("open", path, error as? Errno ?? .ioError)
        }
    }

    // What close reports of written bytes, `synchronize` reported before: where it matters it was called.
    deinit { try? descriptor.close() }

    func size() throws(LogError) -> Int { Int(try status().st_size) }

    /// When the file was last written, in ms since 1970.
    func modificationMilliseconds() throws(LogError) -> Int64 {
        let status = try status()
        return Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }

    /// Sets when the file was last written, in ms since 1970.
    func setModification(milliseconds: Int64) throws(LogError) {
        let time = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        guard futimens(descriptor.rawValue, [time, time]) == 0 else {
            throw LogError.storage("set the time of", path, Errno(rawValue: errno))
        }
    }

    private func status() throws(LogError) -> stat {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else {
            throw LogError.storage("look at", path, Errno(rawValue: errno))
        }
        return status
    }

    /// Appends the `count` bytes from `position` on to `buffer`; returns how many there were before the end of the file.
    @discardableResult
    func read(_ count: Int, at position: Int, into buffer: inout ByteBuffer) throws(LogError) -> Int {
        let before = buffer.readableBytes
        try buffer.writeWithOutputRawSpan(minimumWritableBytes: count) { span throws(LogError) in
            try span.withUnsafeMutableBytes { room, initialized throws(LogError) in
                // The pointers stay in this closure, and only bytes that were read count as initialized.
                while initialized < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: room[initialized..<count])
                    do {
                        let read = try descriptor.read(fromAbsoluteOffset: Int64(position + initialized), into: rest)
                        if read == 0 { break }
                        initialized += read
                    } catch {
                        throw LogError.storage("read", path, error as? Errno ?? .ioError)
                    }
                }
            }
        }
        return buffer.readableBytes - before
    }

    /// Writes `head` and then `body` at `position`, whole or not at all as far as a reader of sizes can tell: where
    /// it fails, what was written of them is cut off again.
    func write(_ head: RawSpan, _ body: RawSpan = RawSpan(), at position: Int) throws(LogError) {
        do throws(DiskFailure) {
            try head.withUnsafeBytes { head throws(DiskFailure) in
                try body.withUnsafeBytes { body throws(DiskFailure) in try write(head, body, at: position) }
            }
        } catch {
            // Should this fail too, the bytes stay behind the end that the log knows: the next batch overwrites
            // them, and recovery cuts what is left of them.
            try? truncate(to: position)
            throw LogError.storage("write to", path, Errno(rawValue: error.number))
        }
    }

    /// The pointers are used by the system call only, which is over when it returns.
    private func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        at position: Int
    ) throws(DiskFailure) {
        var written = 0
        while written < head.count + body.count {
            let headRest = UnsafeRawBufferPointer(rebasing: head[min(written, head.count)...])
            let bodyRest = UnsafeRawBufferPointer(rebasing: body[max(0, written - head.count)...])
            let count = try calls.write(descriptor.rawValue, headRest, bodyRest, position + written)
            if count == 0 { throw DiskFailure(number: EIO) }
            written += count
        }
    }

    func truncate(to size: Int) throws(LogError) {
        guard ftruncate(descriptor.rawValue, off_t(size)) == 0 else {
            throw LogError.storage("cut", path, Errno(rawValue: errno))
        }
    }

    /// Forces all that was written to the device.
    func synchronize() throws(LogError) {
        do throws(DiskFailure) {
            try calls.synchronize(descriptor.rawValue)
        } catch {
            throw LogError.storage("flush", path, Errno(rawValue: error.number))
        }
    }
}
