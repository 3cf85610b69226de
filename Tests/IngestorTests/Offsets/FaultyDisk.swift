import Files
import Glibc
import Synchronization
import SystemPackage

/// The system's calls, which fail where a test wants it, and are counted.
final class FaultyDisk: Sendable {
    enum Call: Hashable {
        case write, truncate, synchronizeFile, synchronizeDirectory, rename
    }

    private struct State {
        var failing: Set<Call> = []
        var counts: [Call: Int] = [:]
        var interlude: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Lets these calls fail from now on, and no others.
    func fail(_ calls: Set<Call>) { state.withLock { $0.failing = calls } }

    func count(of call: Call) -> Int { state.withLock { $0.counts[call] ?? 0 } }

    /// Does something, once, while the next file is brought to disk.
    func whileNextFileIsSynchronized(_ interlude: @escaping @Sendable () -> Void) {
        state.withLock { $0.interlude = interlude }
    }

    var disk: Disk { Disk(calls: calls) }

    var calls: DiskCalls {
        let system = DiskCalls.system
        var calls = system
        calls.write = { [self] descriptor, head, body, position throws(Errno) in
            do throws(Errno) {
                try came(.write)
            } catch {
                // The disk is full half way.
                let start = UnsafeRawBufferPointer(rebasing: head.prefix(3))
                _ = try system.write(descriptor, start, UnsafeRawBufferPointer(start: nil, count: 0), position)
                throw error
            }
            return try system.write(descriptor, head, body, position)
        }
        calls.truncate = { [self] descriptor, size throws(Errno) in
            try came(.truncate)
            try system.truncate(descriptor, size)
        }
        calls.synchronize = { [self] descriptor throws(Errno) in
            var status = stat()
            let isDirectory = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            try came(isDirectory ? .synchronizeDirectory : .synchronizeFile)
            let interlude = state.withLock { state in
                defer { state.interlude = nil }
                return state.interlude
            }
            interlude?()
            try system.synchronize(descriptor)
        }
        calls.rename = { [self] path, target throws(Errno) in
            try came(.rename)
            try system.rename(path, target)
        }
        return calls
    }

    private func came(_ call: Call) throws(Errno) {
        let fails = state.withLock { state in
            state.counts[call, default: 0] += 1
            return state.failing.contains(call)
        }
        if fails { throw .ioError }
    }
}
