package import Files
import Glibc
import Synchronization
import SystemPackage

/// A new file of this machine while it is written.
package final class LocalFileWriter: FileWriter {
    private struct State {
        /// The open file; `nil` once it is closed.
        var descriptor: Int32?
        var written: Int64 = 0
    }

    private let state: Mutex<State>
    private let location: String
    private let durability: LocalFileSystem.Durability
    private let calls: DiskCalls
    /// Forces the file's name to the disk.
    private let persistName: @Sendable () async throws(StorageError) -> Void

    package init(
        descriptor: Int32,
        location: String,
        durability: LocalFileSystem.Durability,
        calls: DiskCalls = .system,
        persistName: @escaping @Sendable () async throws(StorageError) -> Void = {}
    ) {
        state = Mutex(State(descriptor: descriptor))
        self.location = location
        self.durability = durability
        self.calls = calls
        self.persistName = persistName
    }

    deinit {
        state.withLock { state in
            if let descriptor = state.descriptor { try? calls.close(descriptor) }
        }
    }

    package func write(_ bytes: RawSpan) async throws(StorageError) {
        let (descriptor, position) = state.withLock { ($0.descriptor, $0.written) }
        guard let descriptor else {
            throw StorageError(.closed, .write, location, "the file was closed before")
        }
        do throws(Errno) {
            try bytes.withUnsafeBytes { (buffer) throws(Errno) in
                try writeAll(buffer, to: descriptor, at: Int(position))
            }
        } catch {
            throw StorageError(error, .write, location)
        }
        state.withLock { $0.written += Int64(bytes.byteCount) }
    }

    package func close() async throws(StorageError) -> Int64 {
        let taken = take()
        guard let descriptor = taken.descriptor else {
            throw StorageError(.closed, .close, location, "the file was closed before")
        }
        var problem: Errno?
        if durability == .synchronized {
            let calls = calls
            problem = await Blocking.run { Self.error { () throws(Errno) in try calls.synchronize(descriptor) } }
        }
        var information = stat()
        if problem == nil, fstat(descriptor, &information) != 0 { problem = Errno(rawValue: errno) }
        // Some file systems report a failed write only here.
        let closing = Self.error { () throws(Errno) in try calls.close(descriptor) }
        if let error = problem ?? closing { throw StorageError(error, .close, location) }
        // A commit record may name this file as soon as it is closed: its name must be on the disk as well.
        try await persistName()
        guard Int64(information.st_size) == taken.written else {
            let reason = "\(taken.written) bytes were written and it has \(information.st_size)"
            throw StorageError(.wrongLength, .close, location, reason)
        }
        return taken.written
    }

    package func abandon() async {
        if let descriptor = take().descriptor { try? calls.close(descriptor) }
    }

    /// The open file, which is the caller's to close from now on.
    private func take() -> State {
        state.withLock { state in
            let taken = state
            state.descriptor = nil
            return taken
        }
    }

    private static func error(_ body: () throws(Errno) -> Void) -> Errno? {
        do throws(Errno) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func writeAll(
        _ buffer: UnsafeRawBufferPointer,
        to descriptor: Int32,
        at position: Int
    ) throws(Errno) {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        var written = 0
        while written < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
            written += try calls.write(descriptor, rest, nothing, position + written)
        }
    }
}

/// A file of this machine that is open for reading.
final class LocalFileReader: FileReader {
    let length: Int64
    private let location: String
    /// The open file; `nil` once it is closed.
    private let descriptor: Mutex<Int32?>

    /// Opens the file at `location`.
    init(location: String) throws(StorageError) {
        // Without O_NONBLOCK, opening a pipe waits until it has a writer.
        let opened = Glibc.open(location, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw StorageError(number: errno, .read, location) }
        var information = stat()
        let number = fstat(opened, &information) == 0 ? 0 : errno
        let kind = information.st_mode & S_IFMT
        guard number == 0, kind == S_IFREG else {
            Glibc.close(opened)
            if number != 0 || kind == S_IFDIR {
                throw StorageError(number: number == 0 ? EISDIR : number, .read, location)
            }
            throw StorageError(.notAFile, .read, location, "it is neither a file nor a directory")
        }
        length = Int64(information.st_size)
        self.location = location
        descriptor = Mutex(opened)
    }

    deinit {
        if let open = descriptor.withLock({ $0 }) { Glibc.close(open) }
    }

    func read(from offset: Int64, into buffer: inout MutableRawSpan) async throws(StorageError) -> Int {
        guard let open = descriptor.withLock({ $0 }) else {
            throw StorageError(.closed, .read, location, "the file was closed before")
        }
        var number: Int32 = 0
        let filled = buffer.withUnsafeMutableBytes { buffer in
            var filled = 0
            while filled < buffer.count {
                let place = buffer.baseAddress?.advanced(by: filled)
                let got = pread(open, place, buffer.count - filled, off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { number = errno }
                if got <= 0 { break }
                filled += got
            }
            return filled
        }
        guard number == 0 else { throw StorageError(number: number, .read, location) }
        return filled
    }

    func close() async {
        let open = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let open { Glibc.close(open) }
    }
}
