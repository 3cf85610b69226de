import Glibc
import Ingestor
import Synchronization

/// The system's calls for journals, which fail where a test wants it, and are counted.
final class FaultyJournal: Sendable {
    enum Call: Hashable {
        case write, cut, synchronizeFile, synchronizeDirectory, rename
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

    var calls: JournalCalls {
        let system = JournalCalls.system
        var calls = system
        calls.write = { descriptor, bytes, position throws(JournalCalls.Failure) in
            do throws(JournalCalls.Failure) {
                try self.came(.write)
            } catch {
                // The disk is full half way.
                _ = try system.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(3)), position)
                throw error
            }
            return try system.write(descriptor, bytes, position)
        }
        calls.cut = { descriptor, byteCount throws(JournalCalls.Failure) in
            try self.came(.cut)
            try system.cut(descriptor, byteCount)
        }
        calls.synchronize = { descriptor throws(JournalCalls.Failure) in
            var status = stat()
            let isDirectory = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            try self.came(isDirectory ? .synchronizeDirectory : .synchronizeFile)
            let interlude = self.state.withLock { state in
                defer { state.interlude = nil }
                return state.interlude
            }
            interlude?()
            try system.synchronize(descriptor)
        }
        calls.rename = { path, target throws(JournalCalls.Failure) in
            try self.came(.rename)
            try system.rename(path, target)
        }
        return calls
    }

    private func came(_ call: Call) throws(JournalCalls.Failure) {
        let fails = state.withLock { state in
            state.counts[call, default: 0] += 1
            return state.failing.contains(call)
        }
        if fails { throw JournalCalls.Failure(number: EIO) }
    }
}
