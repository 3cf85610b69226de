import Glibc
import Synchronization

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
    /// Forces the file's name to the disk.
    private let persistName: @Sendable () async throws(StorageError) -> Void

    package init(
        descriptor: Int32,
        location: String,
        durability: LocalFileSystem.Durability,
        persistName: @escaping @Sendable () async throws(StorageError) -> Void = {}
    ) {
        state = Mutex(State(descriptor: descriptor))
        self.location = location
        self.durability = durability
        self.persistName = persistName
    }

    deinit {
        state.withLock { state in
            if let descriptor = state.descriptor { _ = Glibc.close(descriptor) }
        }
    }

    package func write(_ bytes: [UInt8]) async throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard let descriptor = state.descriptor else {
                throw StorageError(.closed, .write, location, "the file was closed before")
            }
            let number = Self.writeAll(bytes, to: descriptor)
            guard number == 0 else { throw StorageError(number: number, .write, location) }
            state.written += Int64(bytes.count)
        }
    }

    package func close() async throws(StorageError) -> Int64 {
        let taken = take()
        guard let descriptor = taken.descriptor else {
            throw StorageError(.closed, .close, location, "the file was closed before")
        }
        var number: Int32 = 0
        if durability == .synchronized {
            number = await Blocking.run { fsync(descriptor) == 0 ? 0 : errno }
        }
        var information = stat()
        if number == 0, fstat(descriptor, &information) != 0 { number = errno }
        // Some file systems report a failed write only here.
        if Glibc.close(descriptor) != 0, number == 0 { number = errno }
        guard number == 0 else { throw StorageError(number: number, .close, location) }
        // A commit record may name this file as soon as it is closed: its name must be on the disk as well.
        if durability == .synchronized { try await persistName() }
        guard Int64(information.st_size) == taken.written else {
            let reason = "\(taken.written) bytes were written and it has \(information.st_size)"
            throw StorageError(.wrongLength, .close, location, reason)
        }
        return taken.written
    }

    package func abandon() async {
        if let descriptor = take().descriptor { _ = Glibc.close(descriptor) }
    }

    /// The open file, which is the caller's to close from now on.
    private func take() -> State {
        state.withLock { state in
            let taken = state
            state.descriptor = nil
            return taken
        }
    }

    /// 0, or the number of the error.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                written += count
            }
            return 0
        }
    }
}
