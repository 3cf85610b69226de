import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// The group protocol of KIP-848 over the wire.
@Suite(.timeLimit(.minutes(15))) struct ConsumerGroupRequestTests {
    private static let events = TopicSpecification(name: "events", partitionCount: 2)

    private func join(_ member: String = "one", _ change: (inout ConsumerGroupHeartbeatRequest) -> Void = { _ in })
        -> ConsumerGroupHeartbeatRequest
    {
        var request = ConsumerGroupHeartbeatRequest(
            groupID: "readers",
            memberID: member,
            memberEpoch: 0,
            rebalanceTimeoutMilliseconds: 30_000,
            subscribedTopicNames: ["events"],
            topicPartitions: []
        )
        change(&request)
        return request
    }

    private func beat(
        _ epoch: Int32,
        _ member: String = "one",
        owned: [GroupTopicPartitions]? = nil
    ) -> ConsumerGroupHeartbeatRequest {
        .init(groupID: "readers", memberID: member, memberEpoch: epoch, topicPartitions: owned)
    }

    private func send(
        _ request: ConsumerGroupHeartbeatRequest,
        _ client: inout WireClient,
        version: Int16 = 1
    ) async throws -> ConsumerGroupHeartbeatResponse {
        try await client.exchange(request, version: version)
    }

    private func commit(_ epoch: Int32, _ client: inout WireClient, version: Int16 = 9) async throws -> ErrorCode? {
        let answer: OffsetCommitResponse = try await client.exchange(
            OffsetCommitRequest(
                groupID: "readers",
                generationID: epoch,
                memberID: "one",
                topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 5)])]
            ),
            version: version
        )
        return answer.topics.first?.partitions.first?.errorCode
    }

    private func fetch(_ epoch: Int32, _ client: inout WireClient) async throws -> OffsetFetchResponse.Group? {
        let answer: OffsetFetchResponse = try await client.exchange(
            OffsetFetchRequest(groups: [.init(groupID: "readers", memberID: "one", memberEpoch: epoch)]),
            version: 9
        )
        return answer.groups.first
    }

    @Test func memberJoinsCommitsAndLeaves() async throws {
        try await withIngestor(configure: { $0.topics = [Self.events] }) { address in
            try await withConnection(to: address) { client in
                let joined = try await send(join(), &client)
                #expect(joined.errorCode == .none)
                #expect(joined.memberID == "one")
                #expect(joined.memberEpoch == 1)
                #expect(joined.heartbeatIntervalMilliseconds == 5_000)
                #expect(joined.assignment?.topicPartitions.map(\.partitions) == [[0, 1]])
                #expect(try await send(beat(1), &client).assignment == nil)

                #expect(try await commit(1, &client) == ErrorCode.none)
                #expect(try await commit(2, &client) == .staleMemberEpoch)
                #expect(try await commit(1, &client, version: 8) == .unsupportedVersion)
                #expect(try await fetch(1, &client)?.topics.first?.partitions.first?.offset == 5)
                #expect(try await fetch(0, &client)?.errorCode == .staleMemberEpoch)

                #expect(try await send(beat(-1), &client).memberEpoch == -1)
                #expect(try await send(beat(1), &client).errorCode == .unknownMemberID)
                #expect(try await fetch(-1, &client)?.topics.first?.partitions.first?.offset == 5)
            }
        }
    }

    @Test func patternsAreMatchedWithTopicsThatComeLater() async throws {
        try await withIngestor(configure: { $0.topics = [Self.events] }) { address in
            try await withConnection(to: address) { client in
                let joined = try await send(
                    join {
                        $0.subscribedTopicNames = nil
                        $0.subscribedTopicRegex = "e.*|later"
                    },
                    &client
                )
                let owned = try #require(joined.assignment?.topicPartitions)
                #expect(owned.map(\.partitions) == [[0, 1]])
                let _: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [.init(name: "later", partitionCount: 3, replicationFactor: 1)]),
                    version: 5
                )
                let more = try await send(beat(joined.memberEpoch, owned: owned), &client)
                #expect(more.memberEpoch == joined.memberEpoch + 1)
                #expect(more.assignment?.topicPartitions.map(\.partitions.count).sorted() == [2, 3])
                let malformed = try await send(beatWith("(", epoch: more.memberEpoch), &client)
                #expect(malformed.errorCode == .invalidRegularExpression)
                #expect(malformed.errorMessage?.contains("(") == true)
            }
        }
    }

    private func beatWith(_ pattern: String, epoch: Int32) -> ConsumerGroupHeartbeatRequest {
        .init(groupID: "readers", memberID: "one", memberEpoch: epoch, subscribedTopicRegex: pattern)
    }

    @Test func malformedRequestsAreRefused() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let changes: [(ErrorCode, (inout ConsumerGroupHeartbeatRequest) -> Void)] = [
                    (.invalidRequest, { $0.groupID = "" }),
                    (.invalidRequest, { $0.memberID = "" }),
                    (.invalidRequest, { $0.memberID = String(repeating: "x", count: 256) }),
                    (.invalidRequest, { $0.instanceID = "" }),
                    (.invalidRequest, { $0.rackID = "" }),
                    (.invalidRequest, { $0.memberEpoch = -3 }),
                    (.invalidRequest, { $0.memberEpoch = -2 }),
                    (.invalidRequest, { $0.rebalanceTimeoutMilliseconds = -1 }),
                    (.invalidRequest, { $0.topicPartitions = nil }),
                    (.invalidRequest, { $0.topicPartitions = [.init(topicID: .zero, partitions: [0])] }),
                    (.invalidRequest, { $0.subscribedTopicNames = nil }),
                    (.unsupportedAssignor, { $0.serverAssignor = "magic" }),
                    (.invalidRegularExpression, { $0.subscribedTopicRegex = String(repeating: "a", count: 5_000) }),
                    (.unknownMemberID, { $0.memberEpoch = 1 }),
                ]
                for (expected, change) in changes {
                    let answer = try await send(join("one", change), &client)
                    #expect(answer.errorCode == expected)
                    #expect(answer.errorMessage?.isEmpty == false)
                }
                var old = join("")
                old.subscribedTopicNames = []
                let named = try await send(old, &client, version: 0)
                #expect(named.memberID?.isEmpty == false, "version 0 has its id from the group")
            }
        }
    }

    @Test func toolsSeeTheGroup() async throws {
        try await withIngestor(configure: { $0.topics = [Self.events] }) { address in
            try await withConnection(to: address) { client in
                let joined = try await send(join { $0.instanceID = "static" }, &client)
                _ = try await send(join("two"), &client)
                let listed: ListGroupsResponse = try await client.exchange(
                    ListGroupsRequest(states: [], types: ["Consumer"]),
                    version: 5
                )
                #expect(
                    listed.groups == [
                        .init(groupID: "readers", protocolType: "consumer", state: "Reconciling", type: "consumer")
                    ]
                )
                let classic: ListGroupsResponse = try await client.exchange(
                    ListGroupsRequest(states: [], types: ["classic"]),
                    version: 5
                )
                #expect(classic.groups.isEmpty)

                let described: ConsumerGroupDescribeResponse = try await client.exchange(
                    ConsumerGroupDescribeRequest(
                        groupIDs: ["readers", "readers", "none", ""],
                        includesAuthorizedOperations: true
                    ),
                    version: 1
                )
                #expect(described.groups.map(\.errorCode) == [.none, .groupIDNotFound, .invalidGroupID])
                let group = described.groups[0]
                #expect(group.state == "Reconciling")
                #expect([group.groupEpoch, group.assignmentEpoch] == [2, 2])
                #expect(group.assignorName == "uniform")
                #expect(group.authorizedOperations != DescribeGroupsResponse.Group.operationsOmitted)
                #expect(group.members.map(\.memberID) == ["one", "two"])
                let one = group.members[0]
                #expect(one.instanceID == "static")
                #expect(one.memberEpoch == joined.memberEpoch)
                #expect(one.clientID == "test")
                #expect(one.clientHost == "/127.0.0.1")
                #expect(one.subscribedTopicNames == ["events"])
                #expect(one.memberType == 1)
                #expect(one.assignment.topicPartitions.map(\.topicName) == ["events"])
                #expect(one.assignment.topicPartitions.map(\.partitions) == [[0, 1]])
                #expect(one.targetAssignment.topicPartitions.map(\.partitions.count) == [1])
                #expect(group.members[1].assignment.topicPartitions.isEmpty)

                let other: DescribeGroupsResponse = try await client.exchange(
                    DescribeGroupsRequest(groups: ["readers"]),
                    version: 6
                )
                #expect(other.groups.map(\.errorCode) == [.groupIDNotFound])
                let deleted: DeleteGroupsResponse = try await client.exchange(
                    DeleteGroupsRequest(groups: ["readers"]),
                    version: 2
                )
                #expect(deleted.groups.map(\.errorCode) == [.nonEmptyGroup])
                let offsets: OffsetDeleteResponse = try await client.exchange(
                    OffsetDeleteRequest(
                        groupID: "readers",
                        topics: [.init(name: "events", partitions: [0])]
                    ),
                    version: 0
                )
                #expect(offsets.topics.first?.partitions.map(\.errorCode) == [.groupSubscribedToTopic])
            }
        }
    }

    @Test func membersOfBothProtocolsAreInOneGroup() async throws {
        try await withIngestor(configure: { $0.topics = [Self.events] }) { address in
            try await withConnection(to: address) { client in
                let new = try await send(join("new"), &client)
                let old: JoinGroupResponse = try await client.exchange(
                    JoinGroupRequest(
                        groupID: "readers",
                        sessionTimeoutMilliseconds: 30_000,
                        rebalanceTimeoutMilliseconds: 30_000,
                        memberID: "",
                        protocolType: "consumer",
                        protocols: [.init(name: "range", metadata: ConsumerGroupHarness.subscription(["events"]))]
                    ),
                    version: 3
                )
                #expect(old.errorCode == .none)
                #expect(old.generationID == new.memberEpoch + 1)
                let described: ConsumerGroupDescribeResponse = try await client.exchange(
                    ConsumerGroupDescribeRequest(groupIDs: ["readers"]),
                    version: 1
                )
                let types = described.groups[0].members.map {
                    [$0.memberID == "new" ? "new" : "old", "\($0.memberType)"]
                }
                #expect(types.sorted { $0[0] < $1[0] } == [["new", "1"], ["old", "0"]])
                let other: DescribeGroupsResponse = try await client.exchange(
                    DescribeGroupsRequest(groups: ["readers"]),
                    version: 5
                )
                #expect(other.groups.map(\.state) == ["Dead"])

                #expect(try await send(beat(-1, "new"), &client).errorCode == .none)
                let listed: ListGroupsResponse = try await client.exchange(ListGroupsRequest(), version: 5)
                #expect(listed.groups.map(\.type) == ["classic"])
                #expect(listed.groups.map(\.protocolType) == ["consumer"])
                let told: HeartbeatResponse = try await client.exchange(
                    HeartbeatRequest(groupID: "readers", generationID: old.generationID, memberID: old.memberID),
                    version: 3
                )
                #expect(told.errorCode == .rebalanceInProgress)
            }
        }
    }

    @Test func silentMemberIsRemoved() async throws {
        try await withIngestor(configure: {
            $0.topics = [Self.events]
            $0.groups.consumerSessionTimeout = .milliseconds(200)
            $0.groups.consumerHeartbeatInterval = .milliseconds(50)
        }) { address in
            try await withConnection(to: address) { client in
                _ = try await send(join("gone"), &client)
                var epoch: Int32 = 0
                var has = 0
                while has < 2 {
                    // On a busy machine this one may be taken for silent as well: it joins again then.
                    let answer = try await send(epoch == 0 ? join("one") : beat(epoch, "one"), &client)
                    epoch = answer.errorCode == .none ? answer.memberEpoch : 0
                    if let assignment = answer.assignment {
                        has = assignment.topicPartitions.flatMap(\.partitions).count
                    }
                }
            }
        }
    }

    @Test func featureIsAnnounced() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let versions: ApiVersionsResponse = try await client.exchange(ApiVersionsRequest(), version: 4)
                #expect(versions.finalizedFeatures.map(\.name) == ["group.version"])
                #expect(versions.finalizedFeatures.map(\.maxVersionLevel) == [1])
                #expect(versions.supportedFeatures.map(\.maxVersion) == [1])
            }
        }
    }
}
