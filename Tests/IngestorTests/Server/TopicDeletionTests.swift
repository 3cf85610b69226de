import Foundation
import Ingestor
import KafkaProtocol
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

/// A topic is there with what groups committed of it, or neither is.
@Suite(.timeLimit(.minutes(15))) struct TopicDeletionTests {
    private func delete(_ client: inout WireClient) async throws -> ErrorCode {
        let deleted: DeleteTopicsResponse = try await client.exchange(
            DeleteTopicsRequest(names: ["events"]),
            version: 5
        )
        return deleted.topics[0].errorCode
    }

    private func commit(_ client: inout WireClient) async throws {
        let request = OffsetCommitRequest(
            groupID: "sink",
            topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 7)])]
        )
        let done: OffsetCommitResponse = try await client.exchange(request, version: 8)
        #expect(done.topics[0].partitions[0].errorCode == .none)
    }

    private func hasOffsets(_ client: inout WireClient) async throws -> Bool {
        let everything = OffsetFetchRequest(groups: [.init(groupID: "sink")])
        let fetched: OffsetFetchResponse = try await client.exchange(everything, version: 8)
        return !fetched.groups[0].topics.isEmpty
    }

    private func leaveOffsets(in directory: FilePath) throws {
        try withOffsets(in: directory.appending("ingestor"), boot: nil) { store, _, _ in
            let partition = TopicPartition(topic: "events", partition: 0)
            try store.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
        }
    }

    @Test func topicWhoseEndCannotBeWrittenDownIsStillThere() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { client in
                    try await commit(&client)
                    // The list of topics is written under this name first; a directory cannot be written to.
                    let obstacle = directory.appending("ingestor").appending("topics.json.tmp").string
                    try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
                    #expect(try await delete(&client) == .kafkaStorageError)
                    let produced: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch(["still"])),
                        version: 7
                    )
                    #expect(produced.only.errorCode == .none)
                    #expect(try await hasOffsets(&client))
                    try FileManager.default.removeItem(atPath: obstacle)
                    #expect(try await delete(&client) == .none)
                    #expect(try await hasOffsets(&client) == false)
                }
            }
        }
    }

    @Test func topicOfWhichOnlyFilesAreLeftIsForgotten() async throws {
        let log = CollectedLog()
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, log: log, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { client in
                    try await commit(&client)
                    // Its files cannot be moved away: they are gone.
                    let files = directory.appending("ingestor").appending("events-0").string
                    try FileManager.default.moveItem(atPath: files, toPath: files + ".elsewhere")
                    #expect(try await delete(&client) == .none)
                    #expect(try await hasOffsets(&client) == false)
                }
            }
        }
        #expect(log.contains("files of a deleted topic are left"))
    }

    @Test func crashBetweenATopicsEndAndThatOfItsOffsetsIsMadeGood() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory) { _ in }
            try leaveOffsets(in: directory)
            let skips = try await withIngestor(in: directory, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { try await hasOffsets(&$0) }
            }
            #expect(!skips, "the group would skip the new topic's first records")
        }
    }

    @Test func offsetsOfATopicThatIsNotThereAreKeptUntilItsNameIsUsed() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory) { _ in }
            try leaveOffsets(in: directory)
            // Its list of topics may have been lost, and may be put back.
            let isKept = try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { try await hasOffsets(&$0) }
            }
            #expect(isKept)
        }
    }
}
