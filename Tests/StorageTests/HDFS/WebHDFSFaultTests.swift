import Foundation
import PipelineTesting
import Storage
import Testing

/// What goes wrong in a real HDFS: nodes that die, restart or stand still, answers that are lost, disks that are full.
@Suite(.serialized, .timeLimit(.minutes(15))) struct WebHDFSFaultTests {
    private static let long = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) }

    /// How a storage is reached in these tests: a restart of a node is waited for.
    private func options(_ change: (inout HDFSOptions) -> Void = { _ in }) -> HDFSOptions {
        var options = HDFSOptions()
        options.retryFor = .seconds(240)
        change(&options)
        return options
    }

    private func storage(
        _ cluster: HDFSCluster,
        _ change: (inout HDFSOptions) -> Void = { _ in }
    ) throws -> any FileSystem {
        try StorageLocation(cluster.newDirectory()).fileSystem(options(change))
    }

    private func error(_ body: () async throws(StorageError) -> Void) async -> StorageError? {
        do throws(StorageError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func aDataNodeMayBeDead() async throws {
        let cluster = try await HDFSCluster.disturbed()
        let storage = try storage(cluster)
        try await storage.write(Self.long, to: StoragePath("before"))
        try await cluster.perform("kill dn1")
        for number in 0..<8 {
            let path = try StoragePath("d/\(number)")
            try await storage.write([UInt8(number)], to: path)
            #expect(try await storage.read(path, bytesMax: 1) == [UInt8(number)])
        }
        try await storage.write(Self.long, to: StoragePath("long"))
        #expect(try await storage.read(StoragePath("before"), bytesMax: Self.long.count) == Self.long)
        try await cluster.perform("start dn1")
    }

    /// The file is whole, or its writer is told and begins another one; nothing else comes of it.
    @Test(arguments: ["dn1", "dn2"])
    func aDataNodeMayDieWhileALongFileIsWritten(node: String) async throws {
        let cluster = try await HDFSCluster.disturbed()
        let storage = try storage(cluster)
        let path = try StoragePath("temporary/\(node)")
        let half = Self.long.count / 2
        let failure = await error { () throws(StorageError) in
            let file = try await storage.create(path)
            try await file.write(Self.long.span.bytes.extracting(0..<half))
            do {
                try await cluster.perform("kill \(node)")
            } catch {
                Issue.record("the DataNode was not killed: \(error)")
            }
            try await file.write(Self.long.span.bytes.extracting(half..<Self.long.count))
            #expect(try await file.close() == Int64(Self.long.count))
        }
        if let failure {
            #expect(failure.isRetriable, "\(failure)")
            #expect(failure.description.contains("127.0.0.1"), "\(failure)")
        } else {
            #expect(try await storage.read(path, bytesMax: Self.long.count) == Self.long)
        }
        try await storage.write(Self.long, to: StoragePath("again"))
        #expect(try await storage.read(StoragePath("again"), bytesMax: Self.long.count) == Self.long)
        try await cluster.perform("start \(node)")
        let open = try await cluster.perform("open")
        #expect(open.allSatisfy { $0.contains("/temporary/") }, "\(open)")
    }

    @Test(arguments: ["dn1", "dn2"])
    func aDataNodeMayDieWhileAFileIsRead(node: String) async throws {
        let cluster = try await HDFSCluster.disturbed()
        let storage = try storage(cluster) { $0.replication = 2 }
        let path = try StoragePath("file")
        try await storage.write(Self.long, to: path)
        let file = try await storage.open(path)
        var read = try await file.read(from: 0, count: 100_000)
        try await cluster.perform("kill \(node)")
        while read.count < Self.long.count { read += try await file.read(from: Int64(read.count), count: 1 << 20) }
        await file.close()
        #expect(read == Self.long)
        try await cluster.perform("start \(node)")
    }

    /// A DataNode that stands still is given up, and its part is done by the other one.
    @Test func aDataNodeMayStandStill() async throws {
        let cluster = try await HDFSCluster.disturbed()
        let storage = try storage(cluster) {
            $0.replication = 1
            $0.dataTimeout = .seconds(4)
        }
        try await cluster.perform("freeze dn2")
        for number in 0..<6 {
            let path = try StoragePath("d/\(number)")
            try await storage.write([UInt8(number)], to: path)
            #expect(try await storage.read(path, bytesMax: 1) == [UInt8(number)])
        }
        try await cluster.perform("thaw dn2")
        #expect(try await storage.list(StoragePath("d")).map(\.length) == [1, 1, 1, 1, 1, 1])
    }

    @Test func theNameNodeMayRestart() async throws {
        let cluster = try await HDFSCluster.disturbed()
        let storage = try storage(cluster)
        try await storage.write([1], to: StoragePath("one"))
        try await cluster.perform("kill nn")
        try await cluster.perform("launch nn")
        // The calls wait for it: first nothing listens, then it starts, then it is in safe mode.
        try await storage.write([2], to: StoragePath("two"))
        #expect(try await storage.rename(StoragePath("two"), to: StoragePath("three")))
        #expect(try await storage.read(StoragePath("one"), bytesMax: 1) == [1])
        #expect(try await storage.read(StoragePath("three"), bytesMax: 1) == [2])
        try await cluster.perform("wait")
    }

    @Test func safeModeIsNamed() async throws {
        let cluster = try await HDFSCluster.disturbed()
        let storage = try storage(cluster) { $0.retryFor = .milliseconds(300) }
        try await storage.write([1], to: StoragePath("one"))
        try await cluster.perform("safemode enter")
        let failure = await error { () throws(StorageError) in try await storage.write([2], to: StoragePath("two")) }
        #expect(failure?.code == .unavailable)
        #expect(failure?.description.contains("safe mode") == true, "\(String(describing: failure))")
        #expect(try await storage.read(StoragePath("one"), bytesMax: 1) == [1], "reading goes on")
        try await cluster.perform("safemode leave")
        try await storage.write([2], to: StoragePath("two"))
    }

    @Test func answersOfTheNameNodeMayBeLost() async throws {
        let cluster = try await HDFSCluster.disturbed()
        try await CuttingProxy.run(to: cluster.webHDFS) { proxy in
            let url = "webhdfs://\(proxy.address)/test/\(UUID().uuidString)"
            let storage = try StorageLocation(url).fileSystem(options())
            let (one, two) = (try StoragePath("one"), try StoragePath("d/two"))
            proxy.cutAnswers(2)
            try await storage.write([1], to: one)
            #expect(try await storage.read(one, bytesMax: 1) == [1])
            try await storage.createDirectory(two.parent)
            proxy.cutAnswers(1)
            let failure = await error { () throws(StorageError) in _ = try await storage.rename(one, to: two) }
            #expect(failure?.code == .answerLost)
            #expect(try await storage.status(of: one) == nil, "it was done")
            #expect(try await storage.read(two, bytesMax: 1) == [1])
            proxy.cutAnswers(1)
            #expect(try await storage.list(two.parent).map(\.path) == [two])
            proxy.cutAnswers(1)
            _ = try await storage.delete(two)
            #expect(try await storage.status(of: two) == nil)
        }
    }

    @Test func aFullDiskIsNamed() async throws {
        let storage = try storage(try await HDFSCluster.full()) { $0.retryFor = .seconds(1) }
        let failure = await error { () throws(StorageError) in try await storage.write([2], to: StoragePath("two")) }
        // The NameNode finds no DataNode for the file, as where none is alive.
        #expect(failure?.code == .noSpace || failure?.code == .unavailable, "\(String(describing: failure))")
        #expect(failure?.reason.contains("room") == true, "\(String(describing: failure))")
    }
}
