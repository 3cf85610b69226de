import NIOCore
import Testing

@testable import KafkaProtocol

/// Which field has which name: the n-th field on the wire has the value n, so that two fields of one type that changed
/// places are seen.
@Suite struct MessageFieldsTests {
    @Test func produceRequest() throws {
        let request: ProduceRequest = try golden("produce", 9)
        #expect(request.transactionalID == "s1")
        #expect(request.acks == 2)
        #expect(request.timeoutMilliseconds == 3)
        #expect(request.topics[0].name == "s4")
        #expect(request.topics[0].partitions[1].partition == 7)
        #expect(request.topics[0].partitions[1].records == ByteBuffer(string: "b8"))
    }

    @Test func produceResponse() throws {
        let partition = try (golden("produce", 8) as ProduceResponse).topics[0].partitions[0]
        #expect(partition.partition == 2)
        #expect(partition.errorCode == .unknownTopicOrPartition)
        #expect(partition.baseOffset == 4)
        #expect(partition.logAppendMilliseconds == 5)
        #expect(partition.logStartOffset == 6)
        #expect(partition.recordErrors[0].batchIndex == 7)
        #expect(partition.errorMessage == "s11")
    }

    @Test func fetchRequest() throws {
        let request: FetchRequest = try golden("fetch", 12)
        #expect(request.replicaID == 1)
        #expect(request.maxWaitMilliseconds == 2)
        #expect(request.minByteCount == 3)
        #expect(request.maxByteCount == 4)
        #expect(request.isolationLevel == 5)
        #expect(request.sessionID == 6)
        #expect(request.sessionEpoch == 7)
        let partition = request.topics[0].partitions[0]
        #expect(partition.partition == 9)
        #expect(partition.currentLeaderEpoch == 10)
        #expect(partition.fetchOffset == 11)
        #expect(partition.lastFetchedEpoch == 12)
        #expect(partition.logStartOffset == 13)
        #expect(partition.maxByteCount == 14)
    }

    @Test func fetchResponse() throws {
        let response: FetchResponse = try golden("fetch", 11)
        #expect(response.throttleMilliseconds == 1)
        #expect(response.sessionID == 3)
        let partition = response.topics[0].partitions[0]
        #expect(partition.partition == 5)
        #expect(partition.highWatermark == 7)
        #expect(partition.lastStableOffset == 8)
        #expect(partition.logStartOffset == 9)
        #expect(partition.abortedTransactions?[0].producerID == 10)
        #expect(partition.abortedTransactions?[0].firstOffset == 11)
        #expect(partition.preferredReadReplica == 14)
        #expect(partition.records == .bytes(ByteBuffer(string: "b15")))
    }

    @Test func metadataResponse() throws {
        let response: MetadataResponse = try golden("metadata", 9)
        #expect(response.brokers[0].nodeID == 2)
        #expect(response.brokers[0].host == "s3")
        #expect(response.brokers[0].port == 4)
        #expect(response.brokers[0].rack == "s5")
        #expect(response.clusterID == "s10")
        #expect(response.controllerID == 11)
        #expect(response.topics[0].name == "s13")
        let partition = response.topics[0].partitions[0]
        #expect(partition.partition == 16)
        #expect(partition.leaderID == 17)
        #expect(partition.leaderEpoch == 18)
        #expect(partition.replicaNodes == [19, 20])
        #expect(partition.inSyncReplicaNodes == [21, 22])
        #expect(partition.offlineReplicas == [23, 24])
    }

    @Test func listOffsets() throws {
        let request: ListOffsetsRequest = try golden("listOffsets", 10)
        #expect(request.replicaID == 1)
        #expect(request.isolationLevel == 2)
        #expect(request.topics[0].partitions[0].partition == 4)
        #expect(request.topics[0].partitions[0].currentLeaderEpoch == 5)
        #expect(request.topics[0].partitions[0].timestamp == 6)
        let partition = try (golden("listOffsets", 4) as ListOffsetsResponse).topics[0].partitions[0]
        #expect(partition.timestamp == 5)
        #expect(partition.offset == 6)
        #expect(partition.leaderEpoch == 7)
    }

    @Test func findCoordinatorBeforeAndAfterItsKeysCameInBatches() throws {
        #expect(try golden("findCoordinator", 3) == FindCoordinatorRequest(keyType: 2, keys: ["s1"]))
        #expect(try golden("findCoordinator", 4) == FindCoordinatorRequest(keyType: 1, keys: ["s2", "s3"]))
        let single: FindCoordinatorResponse = try golden("findCoordinator", 3)
        #expect(single.coordinators.map(\.errorMessage) == ["s3"])
        #expect(single.coordinators.map(\.nodeID) == [4])
        #expect(single.coordinators.map(\.host) == ["s5"])
        #expect(single.coordinators.map(\.port) == [6])
        let batch: FindCoordinatorResponse = try golden("findCoordinator", 4)
        #expect(batch.coordinators.map(\.key) == ["s2", "s8"])
        #expect(batch.coordinators.map(\.port) == [5, 11])
    }

    @Test func joinGroup() throws {
        let request: JoinGroupRequest = try golden("joinGroup", 5)
        #expect(request.groupID == "s1")
        #expect(request.sessionTimeoutMilliseconds == 2)
        #expect(request.rebalanceTimeoutMilliseconds == 3)
        #expect(request.memberID == "s4")
        #expect(request.groupInstanceID == "s5")
        #expect(request.protocolType == "s6")
        #expect(request.protocols[0].name == "s7")
        let response: JoinGroupResponse = try golden("joinGroup", 9)
        #expect(response.generationID == 3)
        #expect(response.protocolType == "s4")
        #expect(response.protocolName == "s5")
        #expect(response.leader == "s6")
        #expect(response.memberID == "s8")
        #expect(response.members[0].memberID == "s9")
        #expect(response.members[0].groupInstanceID == "s10")
    }

    @Test func leaveGroupBeforeAndAfterItsMembersCameInBatches() throws {
        let single: LeaveGroupRequest = try golden("leaveGroup", 2)
        #expect(single.members.map(\.memberID) == ["s2"])
        let batch: LeaveGroupRequest = try golden("leaveGroup", 5)
        #expect(batch.members.map(\.memberID) == ["s2", "s5"])
        #expect(batch.members.map(\.reason) == ["s4", "s7"])
    }

    @Test func listGroups() throws {
        #expect(try golden("listGroups", 5) == ListGroupsRequest(states: ["s1", "s2"], types: ["s3", "s4"]))
        #expect(try golden("listGroups", 3) == ListGroupsRequest(states: []))
        let group = try (golden("listGroups", 5) as ListGroupsResponse).groups[0]
        #expect(group == .init(groupID: "s3", protocolType: "s4", state: "s5", type: "s6"))
    }

    @Test func describeGroups() throws {
        #expect(
            try golden("describeGroups", 3)
                == DescribeGroupsRequest(groups: ["s1", "s2"], includesAuthorizedOperations: true)
        )
        let group = try (golden("describeGroups", 6) as DescribeGroupsResponse).groups[0]
        #expect(group.errorMessage == "s3")
        #expect(group.groupID == "s4")
        #expect(group.state == "s5")
        #expect(group.protocolType == "s6")
        #expect(group.protocolName == "s7")
        #expect(
            group.members[0]
                == .init(
                    memberID: "s8",
                    groupInstanceID: "s9",
                    clientID: "s10",
                    clientHost: "s11",
                    metadata: ByteBuffer(string: "b12"),
                    assignment: ByteBuffer(string: "b13")
                )
        )
        #expect(group.authorizedOperations == 20)
        let old: DescribeGroupsResponse = try golden("describeGroups", 2)
        #expect(old.groups[0].authorizedOperations == DescribeGroupsResponse.Group.operationsOmitted)
    }

    @Test func deleteGroupsAndOffsetsOfThem() throws {
        #expect(try golden("deleteGroups", 2) == DeleteGroupsRequest(groups: ["s1", "s2"]))
        let groups: DeleteGroupsResponse = try golden("deleteGroups", 2)
        #expect(groups.groups.map(\.groupID) == ["s2", "s4"])
        let request: OffsetDeleteRequest = try golden("offsetDelete", 0)
        #expect(request.groupID == "s1")
        #expect(request.topics[0].partitions == [3, 4])
        let offsets: OffsetDeleteResponse = try golden("offsetDelete", 0)
        #expect(offsets.throttleMilliseconds == 2)
        #expect(offsets.topics[0].partitions.map(\.partition) == [4, 6])
    }

    @Test func offsetCommit() throws {
        let request: OffsetCommitRequest = try golden("offsetCommit", 7)
        #expect(request.groupID == "s1")
        #expect(request.generationID == 2)
        #expect(request.memberID == "s3")
        #expect(request.groupInstanceID == "s4")
        let partition = request.topics[0].partitions[0]
        #expect(partition.partition == 6)
        #expect(partition.offset == 7)
        #expect(partition.leaderEpoch == 8)
        #expect(partition.metadata == "s9")
    }

    @Test func offsetFetchBeforeAndAfterItsGroupsCameInBatches() throws {
        let single: OffsetFetchRequest = try golden("offsetFetch", 7)
        #expect(single.groups.map(\.groupID) == ["s1"])
        #expect(single.groups[0].topics?[0].partitions == [3, 4])
        #expect(single.requiresStable)
        let batch: OffsetFetchRequest = try golden("offsetFetch", 9)
        #expect(batch.groups[0].memberID == "s2")
        #expect(batch.groups[0].memberEpoch == 3)
        let partition = try (golden("offsetFetch", 8) as OffsetFetchResponse).groups[0].topics[0].partitions[0]
        #expect(partition.partition == 4)
        #expect(partition.offset == 5)
        #expect(partition.leaderEpoch == 6)
        #expect(partition.metadata == "s7")
    }

    @Test func createTopics() throws {
        let request: CreateTopicsRequest = try golden("createTopics", 5)
        #expect(request.topics[0].partitionCount == 2)
        #expect(request.topics[0].replicationFactor == 3)
        #expect(request.topics[0].assignments[0].brokerIDs == [5, 6])
        #expect(request.topics[0].configuration[0].name == "s10")
        #expect(request.topics[0].configuration[0].value == "s11")
        #expect(request.validatesOnly)
        let topic = try (golden("createTopics", 5) as CreateTopicsResponse).topics[0]
        #expect(topic.errorMessage == "s4")
        #expect(topic.partitionCount == 5)
        #expect(topic.replicationFactor == 6)
        #expect(topic.configuration?[0].source == 10)
    }

    @Test func describeConfigs() throws {
        let entry = try (golden("describeConfigs", 4) as DescribeConfigsResponse).results[0].entries[0]
        #expect(entry.name == "s6")
        #expect(entry.value == "s7")
        #expect(entry.source == 9)
        #expect(entry.synonyms[0].name == "s11")
        #expect(entry.synonyms[0].source == 13)
        #expect(entry.type == 17)
        #expect(entry.documentation == "s18")
    }

    @Test func initProducerID() throws {
        let request: InitProducerIDRequest = try golden("initProducerID", 3)
        #expect(request.producerID == 3)
        #expect(request.producerEpoch == 4)
        let response: InitProducerIDResponse = try golden("initProducerID", 3)
        #expect(response.producerID == 3)
        #expect(response.producerEpoch == 4)
    }

    /// The full sample of `Message`, as the independent encoder wrote it.
    @Test func consumerGroupHeartbeat() throws {
        func partitions(_ id: UInt64, _ numbers: Int32...) -> GroupTopicPartitions {
            .init(topicID: KafkaUUID(mostSignificant: 0, leastSignificant: id), partitions: numbers)
        }
        #expect(
            try golden("consumerGroupHeartbeat", 1)
                == ConsumerGroupHeartbeatRequest(
                    groupID: "s1",
                    memberID: "s2",
                    memberEpoch: 3,
                    instanceID: "s4",
                    rackID: "s5",
                    rebalanceTimeoutMilliseconds: 6,
                    subscribedTopicNames: ["s7", "s8"],
                    subscribedTopicRegex: "s9",
                    serverAssignor: "s10",
                    topicPartitions: [partitions(11, 12, 13), partitions(14, 15, 16)]
                )
        )
        let response: ConsumerGroupHeartbeatResponse = try golden("consumerGroupHeartbeat", 1)
        #expect(response.errorMessage == "s3")
        #expect(response.memberID == "s4")
        #expect(response.memberEpoch == 5)
        #expect(response.heartbeatIntervalMilliseconds == 6)
        #expect(response.assignment?.topicPartitions == [partitions(7, 8, 9), partitions(10, 11, 12)])
    }

    @Test func consumerGroupDescribe() throws {
        let request: ConsumerGroupDescribeRequest = try golden("consumerGroupDescribe", 1)
        #expect(request == .init(groupIDs: ["s1", "s2"], includesAuthorizedOperations: true))
        let group = try (golden("consumerGroupDescribe", 1) as ConsumerGroupDescribeResponse).groups[0]
        #expect([group.errorMessage, group.groupID, group.state, group.assignorName] == ["s3", "s4", "s5", "s8"])
        #expect([group.groupEpoch, group.assignmentEpoch] == [6, 7])
        let member = group.members[0]
        #expect([member.memberID, member.instanceID, member.rackID] == ["s9", "s10", "s11"])
        #expect(member.memberEpoch == 12)
        #expect([member.clientID, member.clientHost] == ["s13", "s14"])
        #expect(member.subscribedTopicNames == ["s15", "s16"])
        #expect(member.subscribedTopicRegex == "s17")
        #expect(member.assignment.topicPartitions.map(\.topicName) == ["s19", "s23"])
        #expect(member.targetAssignment.topicPartitions.map(\.topicName) == ["s27", "s31"])
        #expect(member.targetAssignment.topicPartitions[1].partitions == [32, 33])
        #expect(member.memberType == 34)
        #expect(group.authorizedOperations == 61)
    }

    private func golden<Message: WireMessage>(_ api: String, _ version: Int16) throws -> Message {
        let direction = Message.self is any WireRequest.Type ? "request" : "response"
        let line = try #require(
            GoldenMessage.all.first {
                $0.api == api && $0.direction == direction && $0.version == version && $0.sample == .full
            }
        )
        var bytes = line.bytes
        return try Message(from: &bytes, version: version)
    }
}
