import Foundation
import Glibc
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Clients that take what they can get, against the real program with its defaults: they cost little, and others go on.
@Suite(.timeLimit(.minutes(20)), .serialized) struct HostileClientsTests {
    /// What a hostile connection sends, again and again, without reading an answer.
    enum Attack: String, CaseIterable, Sendable {
        case nothing, startsOfRequests, halfRequests, joins, metadata, settings, fetches, everything

        fileprivate func bytes(of connection: Int) -> ByteBuffer {
            switch self {
            case .nothing: return ByteBuffer()
            case .startsOfRequests: return start(4_000)
            case .halfRequests: return start(4 * 1024 * 1024)
            case .joins:
                return frame(
                    JoinGroupRequest(
                        groupID: "group-\(connection)",
                        sessionTimeoutMilliseconds: 10_000,
                        rebalanceTimeoutMilliseconds: 60_000,
                        protocolType: "consumer",
                        protocols: [.init(name: "range", metadata: ByteBuffer(repeating: 1, count: 200_000))]
                    ),
                    version: 3
                )
            case .metadata: return repeated(frame(MetadataRequest(topics: nil), version: 9))
            case .settings:
                let topics = ["utenti", "comportamenti", "premi"]
                let resources = topics.map {
                    DescribeConfigsRequest.Resource(type: ConfigurationResource.topic.rawValue, name: $0)
                }
                return repeated(
                    frame(
                        DescribeConfigsRequest(
                            resources: resources,
                            includesSynonyms: true,
                            includesDocumentation: true
                        ),
                        version: 4
                    )
                )
            case .fetches:
                let partition = FetchRequest.Partition(partition: 0, maxByteCount: 1 << 20)
                let topic = FetchRequest.Topic(name: "utenti", partitions: [partition])
                return repeated(frame(FetchRequest(replicaID: -1, topics: [topic]), version: 11))
            case .everything:
                let attacks = Self.allCases.dropLast()
                return attacks[connection % attacks.count].bytes(of: connection)
            }
        }

        private func frame(_ request: some WireRequest, version: Int16) -> ByteBuffer {
            RequestFrame.encode(request, version: version, correlationID: 1, clientID: "hostile")
        }

        /// Many of one request.
        private func repeated(_ frame: ByteBuffer) -> ByteBuffer {
            var all = ByteBuffer()
            while all.readableBytes < 128 * 1024 { all.writeImmutableBuffer(frame) }
            return all
        }

        /// The length of a request of 16 MiB, and so many bytes of it.
        private func start(_ byteCount: Int) -> ByteBuffer {
            var bytes = ByteBuffer()
            bytes.writeInteger(Int32(16 * 1024 * 1024))
            bytes.writeRepeatingByte(0, count: byteCount)
            return bytes
        }
    }

    private static let connections = 990
    private static let memoryMax = 64 * 1024 * 1024

    @Test(arguments: Attack.allCases)
    func aThousandConnectionsTakeLittleMemoryAndHoldNoOtherClientUp(attack: Attack) async throws {
        try raiseOpenFilesLimit()
        try await MeasuredIngestor.run { ingestor in
            let peak = try await onThread {
                let bystander = try RawConnection(to: ingestor.bootstrap, patience: .seconds(60))
                try fill("utenti", over: bystander)
                var attackers: [(RawConnection, ByteBuffer)] = []
                for number in 0..<Self.connections {
                    attackers.append((try RawConnection(to: ingestor.bootstrap), attack.bytes(of: number)))
                }
                // Until none of them takes any more.
                var idleRounds = 0
                while idleRounds < 50 {
                    var sent = 0
                    for place in attackers.indices {
                        let count = attackers[place].0.sendSome(of: attackers[place].1)
                        attackers[place].1.moveReaderIndex(forwardBy: count)
                        sent += count
                    }
                    idleRounds = sent == 0 ? idleRounds + 1 : 0
                    let all = try bystander.exchange(
                        MetadataRequest(topics: nil),
                        version: 9,
                        for: MetadataResponse.self
                    )
                    #expect(all?.topics.count == 4)
                    let latecomer = try RawConnection(to: ingestor.bootstrap, patience: .seconds(60))
                    let again = try latecomer.exchange(
                        MetadataRequest(topics: nil),
                        version: 9,
                        for: MetadataResponse.self
                    )
                    #expect(again?.topics.count == 4)
                }
                return try withExtendedLifetime(attackers) { try ingestor.peakMemory }
            }
            #expect(peak <= Self.memoryMax, "\(attack)")
        }
    }

    /// Gives a topic a megabyte of records.
    private func fill(_ topic: String, over client: RawConnection) throws {
        var batch = RecordBatchBuilder()
        batch.append(key: "k", value: String(repeating: "v", count: 100_000), timestamp: 1_000)
        for _ in 0..<10 {
            let request = ProduceRequest(
                transactionalID: nil,
                acks: 1,
                timeoutMilliseconds: 1_000,
                topics: [.init(name: topic, partitions: [.init(partition: 0, records: batch.build())])]
            )
            let answer = try client.exchange(request, version: 9, for: ProduceResponse.self)
            #expect(answer?.topics[0].partitions[0].errorCode == ErrorCode.none)
        }
    }

    private func raiseOpenFilesLimit() throws {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        try #require(getrlimit(resource, &limit) == 0)
        limit.rlim_cur = limit.rlim_max
        try #require(setrlimit(resource, &limit) == 0)
    }

    @Test func descriptorsThatAreUsedUpCostNothingAndOldConnectionsGoOn() async throws {
        try await MeasuredIngestor.run(openFilesMax: 100) { ingestor in
            @Sendable func isServed(_ client: RawConnection) throws -> Bool {
                try client.exchange(MetadataRequest(topics: nil), version: 9, for: MetadataResponse.self) != nil
            }
            let old = try await onThread {
                let old = try RawConnection(to: ingestor.bootstrap, patience: .seconds(60))
                #expect(try isServed(old))
                return old
            }
            var waiting = try await onThread {
                try (0..<150).map { _ in try RawConnection(to: ingestor.bootstrap) }
            }
            for await line in ingestor.process.errorOutput where line.contains("no connection can be accepted") {
                break
            }
            let lines = ingestor.process.errorOutput.soFar.count
            let cpuTime = try ingestor.cpuTime
            await #expect(throws: RawConnection.NoAnswer.self) {
                try await onThread { _ = try isServed(RawConnection(to: ingestor.bootstrap, patience: .seconds(2))) }
            }
            // Five attempts a second, and nothing in between.
            #expect(try ingestor.cpuTime - cpuTime <= .milliseconds(200))
            #expect(ingestor.process.errorOutput.soFar.count - lines <= 1)
            #expect(try await onThread { try isServed(old) })

            let last = waiting[waiting.count - 1]
            waiting = []
            #expect(try await onThread { try isServed(last) }, "there is room again")
            #expect(try await onThread { try isServed(old) })
        }
    }
}
