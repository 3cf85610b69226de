import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// A consumer group over the wire.
@Suite(.timeLimit(.minutes(15))) struct GroupRequestTests {
    private func join(_ memberID: String = "", rebalanceTimeoutMilliseconds: Int32 = 60_000) -> JoinGroupRequest {
        JoinGroupRequest(
            groupID: "sink",
            sessionTimeoutMilliseconds: 60_000,
            rebalanceTimeoutMilliseconds: rebalanceTimeoutMilliseconds,
            memberID: memberID,
            protocolType: "consumer",
            protocols: [.init(name: "range", metadata: ByteBuffer(string: "topics"))]
        )
    }

    private func sync(_ joined: JoinGroupResponse, _ assignments: [String: String] = [:]) -> SyncGroupRequest {
        SyncGroupRequest(
            groupID: "sink",
            generationID: joined.generationID,
            memberID: joined.memberID,
            assignments: assignments.map { .init(memberID: $0.key, assignment: ByteBuffer(string: $0.value)) }
        )
    }

    /// Both ask for their work, the leader of the two with what each shall do.
    private func share(
        _ joinedOne: JoinGroupResponse,
        _ one: inout WireClient,
        _ joinedTwo: JoinGroupResponse,
        _ two: inout WireClient
    ) async throws {
        #expect(joinedOne.generationID == joinedTwo.generationID)
        #expect(joinedOne.members.count + joinedTwo.members.count == 2, "one leads and is told of both")
        let oneLeads = joinedOne.leader == joinedOne.memberID
        let work = [joinedOne.memberID: "one", joinedTwo.memberID: "two"]
        let syncOne = try await one.send(sync(joinedOne, oneLeads ? work : [:]), version: 2)
        let syncTwo = try await two.send(sync(joinedTwo, oneLeads ? [:] : work), version: 2)
        let syncedOne: SyncGroupResponse = try await one.receive(version: 2, to: syncOne)
        let syncedTwo: SyncGroupResponse = try await two.receive(version: 2, to: syncTwo)
        #expect(syncedOne.assignment == ByteBuffer(string: "one"))
        #expect(syncedTwo.assignment == ByteBuffer(string: "two"))
    }

    private func heartbeat(_ joined: JoinGroupResponse, _ client: inout WireClient) async throws -> ErrorCode {
        let beat: HeartbeatResponse = try await client.exchange(
            HeartbeatRequest(groupID: "sink", generationID: joined.generationID, memberID: joined.memberID),
            version: 3
        )
        return beat.errorCode
    }

    @Test func twoMembersShareTheWork() async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.groups.initialRebalanceDelay = .zero
        }) { address in
            try await withConnection(to: address) { one in
                try await withConnection(to: address) { two in
                    // Version 2 needs no second try for the name. One is alone at first.
                    let alone: JoinGroupResponse = try await one.exchange(join(), version: 2)
                    #expect(alone.members.count == 1)
                    let _: SyncGroupResponse = try await one.exchange(sync(alone), version: 2)
                    #expect(try await heartbeat(alone, &one) == .none)
                    let second = try await two.sendAndSeeItWait(join(), version: 2)
                    #expect(try await heartbeat(alone, &one) == .rebalanceInProgress)
                    let joinedOne: JoinGroupResponse = try await one.exchange(join(alone.memberID), version: 2)
                    let joinedTwo: JoinGroupResponse = try await two.receive(version: 2, to: second)
                    #expect(joinedOne.generationID == alone.generationID + 1)
                    try await share(joinedOne, &one, joinedTwo, &two)

                    let left: LeaveGroupResponse = try await two.exchange(
                        LeaveGroupRequest(groupID: "sink", members: [.init(memberID: joinedTwo.memberID)]),
                        version: 3
                    )
                    #expect(left.members[0].errorCode == .none)
                    #expect(try await heartbeat(joinedOne, &one) == .rebalanceInProgress)
                    let rejoined: JoinGroupResponse = try await one.exchange(join(joinedOne.memberID), version: 2)
                    #expect(rejoined.generationID == joinedOne.generationID + 1)
                    #expect(rejoined.members.count == 1)
                }
            }
        }
    }

    @Test func groupBeyondTheLimitIsRefusedAndLogged() async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.limits.groupsMax = 1 }) { address in
            try await withConnection(to: address) { client in
                let _: JoinGroupResponse = try await client.exchange(join(), version: 2)
                var other = join()
                other.groupID = "one too many"
                let refused: JoinGroupResponse = try await client.exchange(other, version: 2)
                #expect(refused.errorCode == .coordinatorNotAvailable)
            }
        }
        #expect(log.contains("the limit of groups is reached kafka.group=one too many"))
    }

    @Test func newMemberIsGivenANameFirst() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let named: JoinGroupResponse = try await client.exchange(join(), version: 9)
                #expect(named.errorCode == .memberIDRequired)
                let joined: JoinGroupResponse = try await client.exchange(join(named.memberID), version: 9)
                #expect(joined.errorCode == .none)
                #expect(joined.memberID == named.memberID)
                #expect(joined.members.map(\.metadata) == [ByteBuffer(string: "topics")])
            }
        }
    }

    @Test func commitOfAnOldGenerationIsRefused() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let joined: JoinGroupResponse = try await client.exchange(join(), version: 2)
                let _: SyncGroupResponse = try await client.exchange(sync(joined), version: 2)
                func commit(_ generation: Int32) async throws -> ErrorCode {
                    let request = OffsetCommitRequest(
                        groupID: "sink",
                        generationID: generation,
                        memberID: joined.memberID,
                        topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 1)])]
                    )
                    let response: OffsetCommitResponse = try await client.exchange(request, version: 7)
                    return response.topics[0].partitions[0].errorCode
                }
                #expect(try await commit(joined.generationID) == .none)
                #expect(try await commit(joined.generationID - 1) == .illegalGeneration)
                #expect(try await commit(-1) == .illegalGeneration)
            }
        }
    }

    @Test func unknownMemberIsSentBack() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let joined: JoinGroupResponse = try await client.exchange(join("stranger"), version: 5)
                #expect(joined.errorCode == .unknownMemberID)
                let beat: HeartbeatResponse = try await client.exchange(
                    HeartbeatRequest(groupID: "sink", generationID: 1, memberID: "stranger"),
                    version: 3
                )
                #expect(beat.errorCode == .unknownMemberID)
                let synced: SyncGroupResponse = try await client.exchange(
                    SyncGroupRequest(groupID: "sink", generationID: 1, memberID: "stranger"),
                    version: 3
                )
                #expect(synced.errorCode == .unknownMemberID)
            }
        }
    }

    /// Types of coordinators that are not here, and an error that a client does not try again after.
    static let otherTypes: [(Int8, ErrorCode)] = [(1, .transactionalIDAuthorizationFailed), (2, .invalidRequest)]

    @Test(arguments: otherTypes.indices)
    func otherCoordinatorsAreRefusedForGood(index: Int) async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let coordinator: FindCoordinatorResponse = try await client.exchange(
                    FindCoordinatorRequest(keyType: Self.otherTypes[index].0, keys: ["transaction"]),
                    version: 3
                )
                #expect(coordinator.coordinators[0].errorCode == Self.otherTypes[index].1)
            }
        }
    }

    @Test func stoppingSendsWaitingMembersElsewhere() async throws {
        let (waits, waitsContinuation) = AsyncStream.makeStream(of: Void.self)
        let answered = try await withIngestor(configure: { $0.groups.initialRebalanceDelay = .seconds(600) }) {
            address in
            let request = join(rebalanceTimeoutMilliseconds: 600_000)
            let answered = Task {
                try await withConnection(to: address) { client in
                    let id = try await client.sendAndSeeItWait(request, version: 2)
                    waitsContinuation.finish()
                    let joined: JoinGroupResponse = try await client.receive(version: 2, to: id)
                    return joined.errorCode
                }
            }
            for await _ in waits {}
            return answered  // The ingestor stops now, while the member waits.
        }
        let errorCode = try await answered.value
        #expect(errorCode == .notCoordinator)
    }
}
