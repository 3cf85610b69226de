import Foundation
public import SystemPackage

/// A real HDFS of Apache Hadoop on the loopback: a NameNode and some DataNodes, which end with this process.
public final class HDFSCluster: Sendable {
    /// The one that tests share which leave it as it is; started by the first that asks.
    public static func shared() async throws -> HDFSCluster { try await undisturbed.value }

    /// One with two DataNodes for tests that kill and freeze; they run one after the other.
    public static func disturbed() async throws -> HDFSCluster { try await troubled.value }

    /// One whose DataNode has no room for a block.
    public static func full() async throws -> HDFSCluster { try await withoutRoom.value }

    private static let undisturbed = Task { try await started(dataNodes: 1) }
    private static let troubled = Task { try await started(dataNodes: 2) }
    private static let withoutRoom = Task {
        try await started(dataNodes: 1, properties: ["dfs.datanode.du.reserved=\(Int64.max / 2)"])
    }

    private let process: ProgramProcess
    private let directory: FilePath
    /// The parts of the line that says it is ready, by name.
    private let addresses: [String: String]

    private init(_ process: ProgramProcess, _ directory: FilePath, _ addresses: [String: String]) {
        self.process = process
        self.directory = directory
        self.addresses = addresses
    }

    /// `HOST:PORT` of the NameNode's HTTP server.
    public var webHDFS: String { addresses["webhdfs"] ?? "" }

    /// `HOST:PORT` of a DataNode's HTTP server: `dn1`, `dn2`.
    public func dataNode(_ name: String) -> String { addresses[name] ?? "" }

    /// `HOST:PORT` of the NameNode's RPC server.
    public var rpc: String { addresses["rpc"] ?? "" }

    /// The directory of its `core-site.xml` and `hdfs-site.xml`.
    public var configuration: FilePath { directory.appending("conf") }

    /// A URL of a directory of its own for a test.
    public func newDirectory() -> String { "webhdfs://\(webHDFS)/test/\(UUID().uuidString)" }

    /// Has the cluster do something (see `Tests/Peers/hdfs_cluster.py`), and waits until it is done.
    ///
    /// - Returns: the lines that it printed in between.
    @discardableResult
    public func perform(_ command: String) async throws -> [String] {
        let pipe = try FileDescriptor.open(directory.appending("commands"), .writeOnly)
        let before = process.output.soFar.count
        try pipe.closeAfter { _ = try pipe.writeAll(Array((command + "\n").utf8)) }
        return try await process.whileItRuns { [process] in
            var lines: [String] = []
            var number = 0
            for await line in process.output {
                number += 1
                if number <= before { continue }
                if line == "done " + command { return lines }
                lines.append(line)
            }
            throw ProgramError(.ended, "the cluster ended before it did: \(command)")
        }
    }

    private static func started(dataNodes: Int, properties: [String] = []) async throws -> HDFSCluster {
        let root = try BuiltPackage.root()
        let lib = root.appending(".venv/hadoop")
        let python = try BuiltPackage.python()
        let script = root.appending("Tests/Peers/hdfs_cluster.py")
        let (clusters, continuation) = AsyncThrowingStream<HDFSCluster, any Error>.makeStream()
        // It goes on for as long as this process, so no caller's scope can hold it.
        Task.detached {
            do {
                try await withTemporaryDirectory { directory in
                    let arguments =
                        [
                            script.string, "serve", lib.string, directory.string, "--datanodes", "\(dataNodes)",
                        ] + properties
                    try await withProcess(python, arguments: arguments, environment: ["LD_PRELOAD": nil]) { process in
                        let line = try await process.whileItRuns {
                            for await line in process.output where line.hasPrefix("ready ") { return line }
                            throw ProgramError(.ended, "the cluster's output ended before it was ready")
                        }
                        let parts = line.split(separator: " ").dropFirst().map { $0.split(separator: "=") }
                        let addresses = Dictionary(uniqueKeysWithValues: parts.map { (String($0[0]), String($0[1])) })
                        continuation.yield(HDFSCluster(process, directory, addresses))
                        _ = try await process.waitForExit(within: .seconds(1_000_000))
                    }
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        for try await cluster in clusters { return cluster }
        throw ProgramError(.ended, "the cluster ended before it was ready")
    }
}
