import CommitLog
import Foundation
import Ingestor
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15))) struct RestartTests {
    @Test func everythingIsThereAgainAndNothingHadToBeRepaired() async throws {
        try await withTemporaryDirectory { directory in
            let cluster = try await withIngestor(in: directory, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { client in
                    let _: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch(["a", "b"])),
                        version: 7
                    )
                    let metadata: MetadataResponse = try await client.exchange(MetadataRequest(), version: 9)
                    return metadata.clusterID
                }
            }
            let log = CollectedLog()
            try await withIngestor(in: directory, log: log) { address in
                try await withConnection(to: address) { client in
                    let metadata: MetadataResponse = try await client.exchange(MetadataRequest(), version: 9)
                    #expect(metadata.clusterID == cluster)
                    let fetched: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 11)
                    #expect(try fetched.only.values == ["a", "b"])
                }
            }
            #expect(!log.contains("recovered"))
        }
    }

    @Test func ingestorThatOnlyReadsMakesNoTopics() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, configure: { $0.topics = [events] }) { _ in }
            let onlyReads: (inout IngestorConfiguration) -> Void = {
                $0.topics = [events, TopicSpecification(name: "configured")]
                $0.maintainsLogs = false
            }
            try await withIngestor(in: directory, configure: onlyReads) { address in
                try await withConnection(to: address) { client in
                    let asked = MetadataRequest(topics: ["events", "configured", "asked-for"])
                    let metadata: MetadataResponse = try await client.exchange(asked, version: 9)
                    #expect(
                        metadata.topics.map(\.errorCode)
                            == [.none, .unknownTopicOrPartition, .unknownTopicOrPartition]
                    )
                }
            }
        }
    }

    @Test func recordsThatDamageTookAreTold() async throws {
        try await withTemporaryDirectory { directory in
            let small: (inout IngestorConfiguration) -> Void = {
                $0.topics = [events]
                $0.log.segmentBytes = 100
            }
            try await withIngestor(in: directory, configure: small) { address in
                try await withConnection(to: address) { client in
                    for value in ["a", "b", "c"] {
                        let _: ProduceResponse = try await client.exchange(
                            Batches.produce(Batches.batch([value])),
                            version: 7
                        )
                    }
                }
            }
            let partition = directory.appending("ingestor").appending("\(events.name)-0")
            try FileManager.default.removeItem(atPath: partition.appending("checkpoint.json").string)
            let first = URL(fileURLWithPath: partition.appending("00000000000000000000.log").string)
            try Data(contentsOf: first).dropLast().write(to: first)
            let log = CollectedLog()
            try await withIngestor(in: directory, log: log, configure: small) { _ in }
            let lost = log.all.filter { $0.hasPrefix("error") && $0.contains("set aside") }
            #expect(lost.count == 1)
            #expect(lost.first?.contains("00000000000000000000.log.damaged-0") == true)
            let gaps = log.all.filter { $0.hasPrefix("error") && $0.contains("log.offsets=0..<1") }
            #expect(gaps.count == 1, "which records are gone")
        }
    }

    @Test func secondIngestorInTheSameDirectoryIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory) { _ in
                let error = await #expect(throws: IngestorError.self) {
                    try await withIngestor(in: directory) { _ in }
                }
                #expect(error?.code == .inUse)
            }
        }
    }

    @Test func addressThatIsTakenIsToldByName() async throws {
        try await withIngestor { address in
            let error = await #expect(throws: IngestorError.self) {
                try await withIngestor(configure: { $0.listeners[0].listen = address }) { _ in }
            }
            #expect(error?.code == .address)
            #expect(error?.message.contains("\(address)") == true)
        }
    }

    @Test func contradictingSettingsAreRefused() async throws {
        await #expect(throws: IngestorError.self) {
            try await withIngestor(configure: { $0.limits.requestMemoryBytesMax = 1 }) { _ in }
        }
    }
}
