import ConnectAPI
import Files
import HDFSSink
import PipelineTesting
import Storage
import Synchronization
import SystemPackage
import Testing

/// The disk is full, read-only, failing or out of reach for a while: the sink tries again by itself and goes on as soon as
/// it can, without help. Nothing is lost, and nothing is filed twice.
@Suite(.timeLimit(.minutes(15))) struct DiskTroubleTests {
    static let end: Int64 = 24
    static let errors: [Errno] = [
        .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .permissionDenied, .notPermitted, .ioError,
        .tooManyOpenFiles, .tooManyOpenFilesInSystem, .staleNFSFileHandle, .resourceBusy, .timedOut, .noMemory,
    ]

    /// Every call fails, each with one of the errors in turn: what is done about an error depends on the error alone, and
    /// what is left behind on the call alone.
    @Test(arguments: errors.indices)
    func aDiskInTroubleIsWaitedFor(place: Int) async throws {
        let error = Self.errors[place]
        let calls = try await run(error, failing: 0..<0).calls
        #expect(calls > 40)
        for first in stride(from: place, to: calls, by: Self.errors.count) {
            for count in [1, 4] {
                let failures = try await run(error, failing: first..<first + count).failures
                #expect(failures <= count, "\(error) from call \(first), \(count) times")
            }
        }
    }

    /// Runs a sink to the end, opening the partition again after each failure as a runner does.
    private func run(_ error: Errno, failing range: Range<Int>) async throws -> (calls: Int, failures: Int) {
        let count = Mutex(0)
        let next: @Sendable () -> Bool = {
            count.withLock { count in
                count += 1
                return range.contains(count - 1)
            }
        }
        let harness = SinkHarness { _ in
            var calls = DiskCalls.system
            calls.synchronize = { _ in }
            return calls.failing(error, next)
        }
        let task = try harness.task()
        var failures = 0
        while true {
            do {
                try await SinkHarness.run(task, upTo: Self.end)
                break
            } catch let failure as SinkTaskError {
                failures += 1
                try #require(failure.code == .retriable, "\(error) at call \(range.lowerBound): \(failure)")
                try #require(failures <= range.count, "\(failure)")
            }
        }
        try await harness.expectWhole(upTo: Self.end, "\(error) at calls \(range)")
        return (count.withLock { $0 }, failures)
    }
}

extension DiskCalls {
    /// Calls for which `fails` is true fail with `error` and do nothing.
    func failing(_ error: Errno, _ fails: @escaping @Sendable () -> Bool) -> DiskCalls {
        let calls = self
        @Sendable func check() throws(Errno) {
            if fails() { throw error }
        }
        var failing = self
        failing.open = { path, mode, options, permissions throws(Errno) in
            try check()
            return try calls.open(path, mode, options, permissions)
        }
        failing.write = { descriptor, head, body, position throws(Errno) in
            try check()
            return try calls.write(descriptor, head, body, position)
        }
        failing.synchronize = { descriptor throws(Errno) in
            try check()
            try calls.synchronize(descriptor)
        }
        failing.makeDirectory = { path, permissions throws(Errno) in
            try check()
            try calls.makeDirectory(path, permissions)
        }
        failing.renameExclusively = { path, target throws(Errno) in
            try check()
            try calls.renameExclusively(path, target)
        }
        failing.link = { path, target throws(Errno) in
            try check()
            try calls.link(path, target)
        }
        failing.remove = { path throws(Errno) in
            try check()
            try calls.remove(path)
        }
        return failing
    }
}
