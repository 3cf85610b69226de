import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// What tools ask about groups and change in them, over the wire.
@Suite(.timeLimit(.minutes(15))) struct GroupToolsTests {
    private static let other = TopicSpecification(name: "other", partitionCount: 2)

    /// What a consumer says that reads these topics.
    private static func subscription(_ topics: [String]) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(Int16(1))
        bytes.writeInteger(Int32(topics.count))
        for topic in topics {
            bytes.writeInteger(Int16(topic.utf8.count))
            bytes.writeString(topic)
        }
        bytes.writeInteger(Int32(-1))
        return bytes
    }

    private static func join(
        _ group: String,
        type: String = "consumer",
        metadata: ByteBuffer = subscription(["events"])
    ) -> JoinGroupRequest {
        JoinGroupRequest(
            groupID: group,
            sessionTimeoutMilliseconds: 30_000,
            rebalanceTimeoutMilliseconds: 30_000,
            groupInstanceID: "static",
            protocolType: type,
            protocols: [.init(name: "range", metadata: metadata)]
        )
    }

    /// Brings a group of one member to `Stable`; its work is `all`.
    private static func becomeMember(
        _ group: String,
        type: String = "consumer",
        metadata: ByteBuffer = subscription(["events"]),
        _ client: inout WireClient
    ) async throws -> JoinGroupResponse {
        let request = join(group, type: type, metadata: metadata)
        let joined: JoinGroupResponse = try await client.exchange(request, version: 5)
        let synced: SyncGroupResponse = try await client.exchange(
            SyncGroupRequest(
                groupID: group,
                generationID: joined.generationID,
                memberID: joined.memberID,
                groupInstanceID: "static",
                assignments: [.init(memberID: joined.memberID, assignment: ByteBuffer(string: "all"))]
            ),
            version: 3
        )
        #expect(synced.errorCode == .none)
        return joined
    }

    private static func leave(
        _ group: String,
        _ joined: JoinGroupResponse,
        _ client: inout WireClient
    ) async throws {
        let left: LeaveGroupResponse = try await client.exchange(
            LeaveGroupRequest(groupID: group, members: [.init(memberID: joined.memberID)]),
            version: 3
        )
        #expect(left.members[0].errorCode == .none)
    }

    /// Commits for one who assigns partitions to itself.
    private static func commit(_ group: String, _ places: [String: [Int32]], _ client: inout WireClient) async throws {
        let request = OffsetCommitRequest(
            groupID: group,
            topics: places.sorted { $0.key < $1.key }.map { topic, partitions in
                .init(name: topic, partitions: partitions.map { .init(partition: $0, offset: 7) })
            }
        )
        let response: OffsetCommitResponse = try await client.exchange(request, version: 9)
        for topic in response.topics { #expect(topic.partitions.allSatisfy { $0.errorCode == .none }) }
    }

    /// `topic-partition` of what a group has committed.
    private static func committed(_ group: String, _ client: inout WireClient) async throws -> [String] {
        let request = OffsetFetchRequest(groups: [.init(groupID: group)])
        let response: OffsetFetchResponse = try await client.exchange(request, version: 9)
        return response.groups[0].topics.flatMap { topic in topic.partitions.map { "\(topic.name)-\($0.partition)" } }
    }

    private static func list(
        _ client: inout WireClient,
        states: [String] = [],
        types: [String] = [],
        version: Int16 = 5
    ) async throws -> [ListGroupsResponse.Group] {
        let request = ListGroupsRequest(states: states, types: types)
        let response: ListGroupsResponse = try await client.exchange(request, version: version)
        #expect(response.errorCode == .none)
        return response.groups
    }

    private static func describe(
        _ group: String,
        _ client: inout WireClient,
        version: Int16 = 6,
        operations: Bool = false
    ) async throws -> DescribeGroupsResponse.Group {
        let request = DescribeGroupsRequest(groups: [group, group], includesAuthorizedOperations: operations)
        let response: DescribeGroupsResponse = try await client.exchange(request, version: version)
        #expect(response.groups.count == 1, "each is answered once")
        return response.groups[0]
    }

    @Test func groupsAreListedByStateAndType() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                #expect(try await Self.list(&client).isEmpty)
                try await Self.commit("alone", ["events": [0]], &client)
                _ = try await Self.becomeMember("sink", &client)
                let all = try await Self.list(&client)
                #expect(
                    all == [
                        .init(groupID: "alone", protocolType: "", state: "Empty", type: "classic"),
                        .init(groupID: "sink", protocolType: "consumer", state: "Stable", type: "classic"),
                    ]
                )
                #expect(try await Self.list(&client, states: ["stable", "Dead"]).map(\.groupID) == ["sink"])
                #expect(try await Self.list(&client, states: ["Empty"]).map(\.groupID) == ["alone"])
                #expect(try await Self.list(&client, types: ["CLASSIC"]).count == 2)
                #expect(try await Self.list(&client, types: ["consumer", "share"]).isEmpty)
                #expect(try await Self.list(&client, version: 0).map(\.groupID) == ["alone", "sink"])
            }
        }
    }

    @Test func membersAreDescribedWithTheirClientsAndTheirWork() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let joined = try await Self.becomeMember("sink", &client)
                let group = try await Self.describe("sink", &client, operations: true)
                #expect(group.errorCode == .none)
                #expect(group.state == "Stable")
                #expect(group.protocolType == "consumer")
                #expect(group.protocolName == "range")
                #expect(group.authorizedOperations == 3400)
                #expect(
                    group.members == [
                        .init(
                            memberID: joined.memberID,
                            groupInstanceID: "static",
                            clientID: "test",
                            clientHost: "/127.0.0.1",
                            metadata: Self.subscription(["events"]),
                            assignment: ByteBuffer(string: "all")
                        )
                    ]
                )
                let unasked = try await Self.describe("sink", &client)
                #expect(unasked.authorizedOperations == DescribeGroupsResponse.Group.operationsOmitted)
                let old = try await Self.describe("sink", &client, version: 0)
                #expect(old.members[0].groupInstanceID == nil)
                #expect(old.members[0].assignment == ByteBuffer(string: "all"))
            }
        }
    }

    @Test func membersOfARebalanceHaveNoWork() async throws {
        try await withIngestor(configure: { $0.groups.initialRebalanceDelay = .seconds(30) }) { address in
            try await withConnection(to: address) { member in
                _ = try await member.sendAndSeeItWait(Self.join("sink"), version: 5)
                try await withConnection(to: address) { tool in
                    let group = try await Self.describe("sink", &tool)
                    #expect(group.state == "PreparingRebalance")
                    #expect(group.protocolName.isEmpty)
                    #expect(group.members.map(\.clientID) == ["test"])
                    #expect(group.members[0].metadata.readableBytes == 0)
                }
            }
        }
    }

    @Test func groupThatIsNotThereIsDead() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let old = try await Self.describe("nobody", &client, version: 5)
                #expect(old.errorCode == .none)
                #expect(old.state == "Dead")
                let new = try await Self.describe("nobody", &client)
                #expect(new.errorCode == .groupIDNotFound)
                #expect(new.state == "Dead")
                #expect(new.errorMessage != nil)
            }
        }
    }

    @Test func groupsThatAreMoreThanOneAnswerMayHaveAreRefused() async throws {
        try await withIngestor(configure: { $0.limits.describedBytesMax = 200 }) { address in
            try await withConnection(to: address) { client in
                let large = ByteBuffer(repeating: 1, count: 300)
                _ = try await Self.becomeMember("large", type: "any", metadata: large, &client)
                #expect(try await Self.describe("large", &client).errorCode == .invalidRequest)
            }
        }
    }

    @Test(arguments: [FlushPolicy.os, .always])
    func deletedGroupIsGoneForGood(policy: FlushPolicy) async throws {
        try await withTemporaryDirectory { directory in
            let configure: (inout IngestorConfiguration) -> Void = {
                $0.topics = [events]
                $0.log.flushPolicy = policy
            }
            try await withIngestor(in: directory, configure: configure) { address in
                try await withConnection(to: address) { client in
                    for group in ["sink", "kept"] { try await Self.commit(group, ["events": [0]], &client) }
                    let joined = try await Self.becomeMember("sink", &client)
                    func delete() async throws -> [ErrorCode] {
                        let request = DeleteGroupsRequest(groups: ["sink", "nobody", "sink"])
                        let response: DeleteGroupsResponse = try await client.exchange(request, version: 2)
                        return response.groups.map(\.errorCode)
                    }
                    #expect(try await delete() == [.nonEmptyGroup, .groupIDNotFound])
                    #expect(try await Self.committed("sink", &client) == ["events-0"])
                    try await Self.leave("sink", joined, &client)
                    #expect(try await delete() == [.none, .groupIDNotFound])
                    #expect(try await delete() == [.groupIDNotFound, .groupIDNotFound])
                    #expect(try await Self.list(&client).map(\.groupID) == ["kept"])
                    // Its name is free.
                    _ = try await Self.becomeMember("sink", &client)
                }
            }
            try await withIngestor(in: directory, configure: configure) { address in
                try await withConnection(to: address) { client in
                    let (deleted, kept) = (
                        try await Self.committed("sink", &client), try await Self.committed("kept", &client)
                    )
                    #expect(deleted.isEmpty)
                    #expect(kept == ["events-0"])
                }
            }
        }
    }

    @Test(arguments: [FlushPolicy.os, .always])
    func deletedOffsetsAreGoneForGood(policy: FlushPolicy) async throws {
        try await withTemporaryDirectory { directory in
            let configure: (inout IngestorConfiguration) -> Void = {
                $0.topics = [events, Self.other]
                $0.log.flushPolicy = policy
            }
            try await withIngestor(in: directory, configure: configure) { address in
                try await withConnection(to: address) { client in
                    try await Self.commit("sink", ["events": [0], "other": [0, 1]], &client)
                    _ = try await Self.becomeMember("sink", &client)
                    let request = OffsetDeleteRequest(
                        groupID: "sink",
                        topics: [
                            .init(name: "events", partitions: [0]), .init(name: "other", partitions: [1, 1, 9]),
                            .init(name: "nowhere", partitions: [0]),
                        ]
                    )
                    let response: OffsetDeleteResponse = try await client.exchange(request, version: 0)
                    #expect(response.errorCode == .none)
                    #expect(
                        response.topics.map { $0.partitions.map(\.errorCode) } == [
                            [.groupSubscribedToTopic], [.none, .unknownTopicOrPartition], [.unknownTopicOrPartition],
                        ]
                    )
                    #expect(try await Self.committed("sink", &client) == ["events-0", "other-0"])
                }
            }
            try await withIngestor(in: directory, configure: configure) { address in
                try await withConnection(to: address) { client in
                    let left = try await Self.committed("sink", &client)
                    #expect(left == ["events-0", "other-0"])
                }
            }
        }
    }

    @Test func offsetsThatCannotBeDeletedAreRefused() async throws {
        try await withIngestor(configure: {
            $0.topics = [events, Self.other]
            $0.limits.partitionsPerRequestMax = 2
        }) { address in
            try await withConnection(to: address) { client in
                func error(_ group: String, _ partitions: [Int32] = [0]) async throws -> ErrorCode {
                    let topics = [OffsetDeleteRequest.Topic(name: "other", partitions: partitions)]
                    let response: OffsetDeleteResponse = try await client.exchange(
                        OffsetDeleteRequest(groupID: group, topics: topics),
                        version: 0
                    )
                    return response.errorCode
                }
                #expect(try await error("") == .invalidGroupID)
                #expect(try await error("nobody") == .groupIDNotFound)
                #expect(try await error("nobody", [0, 1, 2]) == .invalidRequest)
                // What members of another protocol read is not known.
                try await Self.commit("workers", ["other": [0]], &client)
                let joined = try await Self.becomeMember("workers", type: "connect", &client)
                #expect(try await error("workers") == .nonEmptyGroup)
                try await Self.leave("workers", joined, &client)
                #expect(try await error("workers") == .none)
                #expect(try await Self.committed("workers", &client).isEmpty)
                // Nor what a consumer reads that says it in a way that is not understood.
                try await Self.commit("odd", ["other": [0]], &client)
                _ = try await Self.becomeMember("odd", metadata: ByteBuffer(string: "topics"), &client)
                let response: OffsetDeleteResponse = try await client.exchange(
                    OffsetDeleteRequest(groupID: "odd", topics: [.init(name: "other", partitions: [0])]),
                    version: 0
                )
                #expect(response.topics[0].partitions[0].errorCode == .groupSubscribedToTopic)
            }
        }
    }

    @Test func commitOfAMemberWhoseGroupIsGoneIsToldSo() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let request = OffsetCommitRequest(
                    groupID: "nobody",
                    generationID: 3,
                    memberID: "gone",
                    topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 1)])]
                )
                for (version, error) in [(8, .illegalGeneration), (9, .groupIDNotFound)] as [(Int16, ErrorCode)] {
                    let response: OffsetCommitResponse = try await client.exchange(request, version: version)
                    #expect(response.topics[0].partitions[0].errorCode == error)
                }
            }
        }
    }
}
