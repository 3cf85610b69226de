import Glibc
package import SystemPackage

/// An open file. Its descriptor is closed with the last reference to it.
///
/// Reads and writes take a position and share no state, so any thread may do either.
package final class OpenFile: Sendable {
    package let path: FilePath
    /// Open while this object lives; callers must not close it.
    package let descriptor: Int32
    private let calls: DiskCalls

    package init(
        _ path: FilePath,
        _ mode: FileDescriptor.AccessMode = .readOnly,
        options: FileDescriptor.OpenOptions = [],
        calls: DiskCalls = .system
    ) throws(FileError) {
        self.path = path
        self.calls = calls
        do throws(Errno) {
            descriptor = try calls.open(path, mode, options.union(.closeOnExec), Limits.filePermissions)
        } catch {
            throw FileError("open", path, error)
        }
    }

    // A failed close concerns bytes whose loss `synchronize` has reported, where that matters.
    deinit { try? calls.close(descriptor) }

    package func size() throws(FileError) -> Int { Int(try status().st_size) }

    /// When the file was last written, in ms since 1970.
    package func modificationMilliseconds() throws(FileError) -> Int64 {
        let status = try status()
        return Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }

    /// Sets when the file was last written, in ms since 1970.
    package func setModification(milliseconds: Int64) throws(FileError) {
        let time = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        guard futimens(descriptor, [time, time]) == 0 else {
            throw FileError("set the time of", path, Errno(rawValue: errno))
        }
    }

    private func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileError("read the status of", path, Errno(rawValue: errno))
        }
        return status
    }

    /// Fills `room` with the bytes from `position` on; returns how many there were before the end of the file.
    package func read(into room: UnsafeMutableRawBufferPointer, at position: Int) throws(FileError) -> Int {
        var count = 0
        while count < room.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[count...])
            let got: Int
            do throws(Errno) { got = try calls.read(descriptor, rest, position + count) } catch {
                throw FileError("read", path, error)
            }
            if got == 0 { break }
            count += got
        }
        return count
    }

    /// The bytes from `position` on, at most `count`.
    package func bytes(at position: Int = 0, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
            do throws(FileError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(room), at: position)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes `head` and then `body` at `position`, whole or not at all: where it fails, what
    /// was written of them is cut off again.
    package func write(_ head: RawSpan, _ body: RawSpan = RawSpan(), at position: Int) throws(FileError) {
        do throws(Errno) {
            // The pointers are used by the system call only, which is over when it returns.
            try head.withUnsafeBytes { head throws(Errno) in
                try body.withUnsafeBytes { body throws(Errno) in try write(head, body, at: position) }
            }
        } catch {
            // If this fails too, the bytes stay after the end that the owner knows: the next write overwrites them, and
            // a reader of the file checks what it finds.
            try? truncate(to: position)
            throw FileError("write to", path, error)
        }
    }

    private func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        at position: Int
    ) throws(Errno) {
        var written = 0
        while written < head.count + body.count {
            let headRest = UnsafeRawBufferPointer(rebasing: head[min(written, head.count)...])
            let bodyRest = UnsafeRawBufferPointer(rebasing: body[max(0, written - head.count)...])
            let count = try calls.write(descriptor, headRest, bodyRest, position + written)
            // A disk that writes nothing and reports nothing would be asked forever.
            if count == 0 { throw .ioError }
            written += count
        }
    }

    package func truncate(to size: Int) throws(FileError) {
        do throws(Errno) {
            try calls.truncate(descriptor, size)
        } catch {
            throw FileError("truncate", path, error)
        }
    }

    /// Forces all that was written to the device; of a directory, its names.
    package func synchronize() throws(FileError) {
        do throws(Errno) {
            try calls.synchronize(descriptor)
        } catch {
            throw FileError("flush", path, error)
        }
    }
}
