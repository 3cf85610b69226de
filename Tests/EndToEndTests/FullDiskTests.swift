import Foundation
import KafkaClient
import Logging
import PipelineTesting
import SystemPackage
import Testing

/// `hera up` on a disk of its own that fills up and gets room again.
@Suite(.timeLimit(.minutes(20))) struct FullDiskTests {
    private static let topic = "comportamenti"
    private static let diskBytes = 24 << 20

    /// Makes a small disk in memory, where only this program and its children see it, and runs `hera` there.
    private static let script = "mount -t tmpfs -o size=\(diskBytes) none \"$0\" && exec \"$@\""

    /// Whether this user may have mounts of their own; some containers do not let them.
    private static let mayMount: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: mayMount)) func everythingAcknowledgedIsFiledWhenTheDiskHasRoomAgain() async throws {
        try await withTemporaryDirectory { mount in
            let hera = try BuiltPackage.program().string
            let data = mount.appending("data")
            let arguments =
                ["--user", "--map-root-user", "--mount", "sh", "-c", Self.script, mount.string]
                + [hera, "up", "--no-source", "--data", data.string, "--listen", "127.0.0.1:0"]
            let environment = ["HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "200"]
            let unshare = try BuiltPackage.systemProgram("unshare")
            try await withProcess(unshare, arguments: arguments, environment: environment) { process in
                let address = try await process.waitForLine("ready kafka=").dropFirst("ready kafka=".count)
                let disk = FilePath("/proc/\(try #require(process.processIdentifier))/root\(mount)")
                let zone = Zone(data: disk.appending("data"))
                var acknowledged = try await send(from: 0, until: { $0 > 0 }, to: String(address)).acknowledged

                try fill(disk)
                let full = try await send(from: 1_000_000, until: { _ in false }, to: String(address))
                acknowledged.formUnion(full.acknowledged)
                #expect(full.isRefused)

                try FileManager.default.removeItem(atPath: balloon(disk).string)
                acknowledged.formUnion(
                    try await send(from: 2_000_000, until: { $0 > 1_000 }, to: String(address)).acknowledged
                )
                try await zone.untilAllIsFiled(by: process)
                let filed = try numbers(in: zone)
                let missing = acknowledged.subtracting(filed)
                #expect(missing.isEmpty, "\(missing.count) of \(acknowledged.count) acknowledged events")
                #expect(Set(filed).count == filed.count, "filed twice")
                process.kill(SIGTERM)
                #expect(try await process.waitForExit() == .exited(0))
            }
        }
    }

    /// Sends events in batches until so many are acknowledged, or one is refused.
    private func send(
        from first: Int,
        until isEnough: @Sendable (Int) -> Bool,
        to address: String
    ) async throws -> (acknowledged: Set<Int>, isRefused: Bool) {
        var configuration = ProducerConfiguration(bootstrap: [address])
        // Who sends a batch again that was stored all the same stores it twice.
        configuration.deliveryTimeout = .seconds(5)
        let logger = Logger(label: "load") { _ in SwiftLogNoOpLogHandler() }
        return try await withProducer(configuration, logger: logger) { producer in
            var acknowledged: Set<Int> = []
            var next = first
            while !isEnough(acknowledged.count) {
                var batch = OutgoingBatch(topic: Self.topic)
                for number in next..<next + 1_000 {
                    batch.append(
                        key: "\(number)".utf8,
                        value: UpTests.event.replacing("HE_7", with: "HE_\(number)").utf8
                    )
                }
                let report = try await producer.send(batch)
                let failed = Set(report.failures.flatMap(\.records))
                for index in 0..<1_000 where !failed.contains(index) { acknowledged.insert(next + index) }
                if !failed.isEmpty { return (acknowledged, true) }
                next += 1_000
            }
            return (acknowledged, false)
        }
    }

    /// Leaves room for a few batches.
    private func fill(_ disk: FilePath) throws {
        let free = try #require(
            FileManager.default.attributesOfFileSystem(forPath: disk.string)[.systemFreeSize] as? Int
        )
        try Data(count: free - (1 << 20)).write(to: URL(fileURLWithPath: balloon(disk).string))
    }

    private func balloon(_ disk: FilePath) -> FilePath { disk.appending("balloon") }

    private func numbers(in zone: Zone) throws -> [Int] {
        try zone.lines(of: Self.topic).compactMap { line in
            line.firstMatch(of: /HE_(\d+)/).flatMap { Int($0.output.1) }
        }
    }
}
