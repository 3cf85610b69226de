import Files
import Glibc
import Synchronization
import SystemPackage

/// A disk that can be told to fail.
final class FailingDisk: Sendable {
    struct State {
        /// Bytes that still fit; `nil` for any number.
        var room: Int?
        /// The most that one call writes.
        var bytesPerWrite = Int.max
        var failsToSynchronize = false
        /// The inode number of the directory whose names cannot be forced to the device.
        var failingDirectory: UInt64?
        var synchronizations = 0
        /// The inode numbers of the directories whose names were forced to the device, in order.
        var synchronizedDirectories: [UInt64] = []
        /// Called once, in the middle of the next flush.
        var duringFlush: (@Sendable () -> Void)?
    }

    let state = Mutex(State())

    static func inode(of path: FilePath) -> UInt64? {
        var status = stat()
        return stat(path.string, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    var calls: DiskCalls {
        var calls = DiskCalls.system
        let system = DiskCalls.system
        calls.write = { [self] descriptor, head, body, position throws(Errno) in
            let (room, most) = state.withLock { ($0.room, $0.bytesPerWrite) }
            if room == 0 { throw .noSpace }
            let limit = min(room ?? .max, most)
            let headPart = UnsafeRawBufferPointer(rebasing: head.prefix(limit))
            let bodyPart = UnsafeRawBufferPointer(rebasing: body.prefix(limit - headPart.count))
            let count = try system.write(descriptor, headPart, bodyPart, position)
            state.withLock { state in
                if let room = state.room { state.room = room - count }
            }
            return count
        }
        calls.synchronize = { [self] descriptor throws(Errno) in
            var status = stat()
            let isDirectory = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            let (fails, duringFlush) = state.withLock { state in
                state.synchronizations += 1
                if isDirectory { state.synchronizedDirectories.append(UInt64(status.st_ino)) }
                defer { state.duringFlush = nil }
                let fails = state.failsToSynchronize || UInt64(status.st_ino) == state.failingDirectory
                return (fails, state.duringFlush)
            }
            duringFlush?()
            if fails { throw .ioError }
            try system.synchronize(descriptor)
        }
        return calls
    }
}

/// A disk of which one call fails, whichever it is.
final class FailingCall: Sendable {
    /// Calls until that one; `nil` where none is to fail.
    private let left = Mutex<Int?>(nil)

    func fail(after count: Int) { left.withLock { $0 = count } }

    /// Whether the call came that was to fail.
    var hasFailed: Bool { left.withLock { $0 == nil } }

    private func count() throws(Errno) {
        let isDue = left.withLock { left in
            guard let count = left else { return false }
            left = count == 0 ? nil : count - 1
            return count == 0
        }
        if isDue { throw .ioError }
    }

    var calls: DiskCalls {
        var calls = DiskCalls.withoutWaiting
        let system = calls
        calls.open = { [self] path, mode, options, permissions throws(Errno) in
            try count()
            return try system.open(path, mode, options, permissions)
        }
        calls.write = { [self] descriptor, head, body, position throws(Errno) in
            try count()
            return try system.write(descriptor, head, body, position)
        }
        calls.synchronize = { [self] _ throws(Errno) in try count() }
        calls.rename = { [self] path, target throws(Errno) in
            try count()
            try system.rename(path, target)
        }
        calls.remove = { [self] path throws(Errno) in
            try count()
            try system.remove(path)
        }
        return calls
    }
}
