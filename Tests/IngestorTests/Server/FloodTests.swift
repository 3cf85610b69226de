import Foundation
import Glibc
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

/// Clients that send too little, too slowly or too much: the others go on.
@Suite(.timeLimit(.minutes(15))) struct FloodTests {
    private static let mebibyte = 1024 * 1024

    /// The length of a request of so many bytes.
    private static func prefix(_ byteCount: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(Int32(byteCount))
        return buffer
    }

    /// Runs `body` while `count` connections stand that have sent `bytes` and nothing more.
    private func withIdleConnections<Result: Sendable>(
        _ count: Int,
        thatSent bytes: ByteBuffer,
        to address: ListenAddress,
        _ body: () async throws -> Result
    ) async throws -> Result {
        guard count > 0 else { return try await body() }
        return try await withConnection(to: address) { client in
            try await client.send(bytes)
            return try await withIdleConnections(count - 1, thatSent: bytes, to: address, body)
        }
    }

    private func expectService(at address: ListenAddress, batchBytes: Int) async throws {
        try await withConnection(to: address) { client in
            let metadata: MetadataResponse = try await client.exchange(MetadataRequest(topics: nil), version: 9)
            #expect(metadata.clientTopics.count == 1)
            let value = String(repeating: "x", count: batchBytes)
            let produced: ProduceResponse = try await client.exchange(
                Batches.produce(Batches.batch([value])),
                version: 9
            )
            #expect(produced.only.errorCode == .none)
        }
    }

    @Test func announcedRequestsTakeNoMemory() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            var half = Self.prefix(16 * Self.mebibyte)
            half.writeRepeatingByte(0, count: 1)
            try await withIdleConnections(50, thatSent: half, to: address) {
                try await expectService(at: address, batchBytes: 900_000)
            }
        }
    }

    @Test func halfSentRequestsMakeRoomForWholeOnes() async throws {
        let log = CollectedLog()
        try await withIngestor(
            log: log,
            configure: {
                $0.topics = [events]
                $0.limits.requestBytesMax = 2 * Self.mebibyte
                $0.limits.requestMemoryBytesMax = 6 * Self.mebibyte
                $0.limits.pressedPace.time = .milliseconds(50)
            }
        ) { address in
            var half = Self.prefix(Self.mebibyte)
            half.writeRepeatingByte(0, count: 700_000)
            try await withIdleConnections(51, thatSent: half, to: address) {
                try await expectService(at: address, batchBytes: 900_000)
            }
        }
        #expect(log.contains("while memory for requests was short"))
    }

    @Test func smallRequestsDoNotWait() async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.requestBytesMax = Self.mebibyte
            $0.limits.requestMemoryBytesMax = 2 * Self.mebibyte
            // No connection is closed while this test lasts.
            $0.limits.pressedPace.time = .hours(1)
        }) { address in
            var half = Self.prefix(Self.mebibyte)
            half.writeRepeatingByte(0, count: 900_000)
            try await withIdleConnections(10, thatSent: half, to: address) {
                try await withConnection(to: address) { client in
                    let produced: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch(["small"])),
                        version: 9
                    )
                    #expect(produced.only.errorCode == .none)
                    let fetched: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 11)
                    #expect(fetched.topics[0].partitions[0].errorCode == .none)
                }
            }
        }
    }

    @Test func joinsWithTooMuchMetadataAreRefusedAndLeaveNothing() async throws {
        try await withIngestor { address in
            let metadata = ByteBuffer(repeating: 1, count: 15 * Self.mebibyte)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        for attempt in 0..<5 {
                            try await withConnection(to: address) { client in
                                let request = JoinGroupRequest(
                                    groupID: "group-\(number)-\(attempt)",
                                    sessionTimeoutMilliseconds: 10_000,
                                    protocolType: "consumer",
                                    protocols: [.init(name: "range", metadata: metadata)]
                                )
                                let joined: JoinGroupResponse = try await client.exchange(request, version: 5)
                                #expect(joined.errorCode == .groupMaxSizeReached)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func topicsMadeOnFirstUseAreBounded() async throws {
        try await withIngestor(configure: {
            $0.limits.firstUseTopicsMax = 3
            $0.limits.firstUseTopicInterval = .hours(1)
        }) { address in
            try await withConnection(to: address) { client in
                let names = (0..<500).map { "topic-\($0)" }
                let response: MetadataResponse = try await client.exchange(MetadataRequest(topics: names), version: 9)
                let codes = response.topics.map(\.errorCode)
                #expect(codes.prefix(3).allSatisfy { $0 == .none })
                #expect(codes.dropFirst(3).allSatisfy { $0 == .leaderNotAvailable })
                let all: MetadataResponse = try await client.exchange(MetadataRequest(topics: nil), version: 9)
                #expect(all.clientTopics.count == 3)
            }
        }
    }

    @Test func partitionThatIsNotThereHasEmptyRecords() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                for version in APIKey.fetch.supportedVersions where version < FetchRequest.firstVersionWithTopicIDs {
                    let missing: FetchResponse = try await client.exchange(
                        Batches.fetch(from: 0, of: "gone", wait: 1_000),
                        version: version
                    )
                    #expect(missing.topics[0].partitions[0].errorCode == .unknownTopicOrPartition)
                    #expect(missing.topics[0].partitions[0].records == .bytes(ByteBuffer()))
                    let beyond: FetchResponse = try await client.exchange(
                        Batches.fetch(from: 99, wait: 1_000),
                        version: version
                    )
                    #expect(beyond.topics[0].partitions[0].errorCode == .offsetOutOfRange)
                    #expect(beyond.topics[0].partitions[0].records == .bytes(ByteBuffer()))
                }
            }
        }
    }

    @Test func noChildInheritsASocket() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let _: MetadataResponse = try await client.exchange(MetadataRequest(), version: 9)
                let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { CInt($0) }
                let ours = open.filter { localPort(of: $0) == address.port }.compactMap(link)
                #expect(ours.count >= 2, "the one that listens, and the connection's")
                let inherited = try await descriptorsOfAChild()
                #expect(inherited.contains("/proc/"), "the child's own view: \(inherited)")
                for socket in ours { #expect(!inherited.contains(socket), "\(inherited)") }
            }
        }
    }

    /// What `/proc` says that a descriptor leads to: for a socket its number, which is the same in every process.
    private func link(_ descriptor: CInt) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
    }

    /// What a child has open that is started without closing anything, as a careless library would start it.
    private func descriptorsOfAChild() async throws -> String {
        try await withTemporaryDirectory { (directory) async throws in
            let output = directory.appending("descriptors").string
            let line: [String] = ["/bin/sh", "-c", "/bin/ls -l /proc/self/fd > '\(output)'"]
            let words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var child: pid_t = 0
            try #require(posix_spawn(&child, "/bin/sh", nil, nil, words, nil) == 0)
            var status: CInt = 0
            try #require(waitpid(child, &status, 0) == child && status == 0)
            return try String(contentsOfFile: output, encoding: .utf8)
        }
    }

    private func localPort(of descriptor: CInt) -> Int? {
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        // The family, then the port, in the addresses of IPv4.
        return withUnsafeBytes(of: &name) { bytes in
            guard Int32(bytes.load(as: UInt16.self)) == AF_INET else { return nil }
            return Int(UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}
