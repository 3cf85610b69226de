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

    package func write(_ bytes: [UInt8]) async throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard let descriptor = state.descriptor else {
                throw StorageError(.closed, .write, location, "the file was closed before")
            }
            do throws(Errno) {
                try writeAll(bytes, to: descriptor, at: Int(state.written))
            } catch {
                throw StorageError(error, .write, location)
            }
            state.written += Int64(bytes.count)
        }
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

    private func writeAll(_ bytes: [UInt8], to descriptor: Int32, at position: Int) throws(Errno) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(Errno) in
            let buffer = UnsafeRawBufferPointer(bytes)
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            var written = 0
            while written < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                written += try calls.write(descriptor, rest, nothing, position + written)
            }
        }
    }
}
