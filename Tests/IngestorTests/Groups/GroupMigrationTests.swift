import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// Groups whose members speak both protocols, and the way from one to the other.
@Suite struct GroupMigrationTests {
    private func partitions(_ name: String, _ numbers: Int32...) -> PartitionAssignment {
        PartitionAssignment([.init(topicID: ConsumerGroupHarness.id(name), partitions: numbers)])
    }

    private func owned(_ numbers: Int32...) -> [ConsumerTopicPartitions] { [.init(topic: "a", partitions: numbers)] }

    /// A classic group of one member, "c", that reads all of the topic `a`.
    private func classicGroup(
        partitions count: Int32 = 2,
        instance: String? = nil,
        protocols: [String] = ["range"],
        _ change: (inout GroupSettings) -> Void = { _ in }
    ) throws -> (group: ConsumerGroupHarness, generation: Int32) {
        var group = ConsumerGroupHarness(["a": count], change)
        let joinedAnswer = group.answerToJoin(proposed: "c", instance: instance, protocols: protocols)
        let joined = try #require(joinedAnswer)
        let all = ConsumerAssignment(version: 1, topics: [.init(topic: "a", partitions: Array(0..<count))]).encoded
        let sync = group.syncClassic("c", joined.generation, instance: instance, assignments: ["c": all])
        #expect(group.told(sync)?.first?.partitions.count == Int(count))
        return (group, joined.generation)
    }

    // MARK: Up

    @Test func newMemberTakesTheGroupAlongAndWaitsForWhatOthersRead() throws {
        var (group, generation) = try classicGroup()
        let joined = group.join("m")
        #expect(joined.error == .none)
        #expect(joined.epoch == generation + 1)
        #expect(joined.assignment == PartitionAssignment(), "the other one reads them still")
        #expect(group.machine.summary.type == .consumer)
        #expect(group.member("c")?.isClassic == true)
        #expect(group.member("c")?.assigned == partitions("a", 0, 1))

        #expect(group.commit("c", generation) == .none, "what it has read until it gives up is kept")
        #expect(group.beatClassic("c", generation) == .rebalanceInProgress)
        let rejoinedAnswer = group.answerToJoin("c")
        let rejoined = try #require(rejoinedAnswer)
        #expect(rejoined.generation == joined.epoch)
        #expect(rejoined.leaderID.isEmpty)
        #expect(rejoined.protocolName == "range")
        #expect(group.toldBySync("c", rejoined.generation) == owned(0))
        #expect(group.beat("m", joined.epoch).assignment == partitions("a", 1))
        #expect(group.beatClassic("c", rejoined.generation) == .none)
        #expect(group.commit("c", generation) == .illegalGeneration)
        #expect(group.machine.summary.state == .stable)
    }

    @Test func cooperativeMemberGivesUpFirstAndKeepsTheRest() throws {
        var (group, generation) = try classicGroup(partitions: 3, protocols: ["cooperative-sticky"])
        let joined = group.join("m")
        #expect(group.beatClassic("c", generation) == .rebalanceInProgress)
        let firstAnswer = group.answerToJoin("c", owned: owned(0, 1, 2), protocols: ["cooperative-sticky"])
        let first = try #require(firstAnswer)
        #expect(first.generation == generation, "it is in the epoch that it was in until it has given up")
        #expect(group.toldBySync("c", first.generation) == owned(0, 1))
        #expect(group.beat("m", joined.epoch).assignment == nil, "2 is not given up yet")
        #expect(group.commit("c", first.generation) == .none)
        #expect(group.beatClassic("c", first.generation) == .rebalanceInProgress)

        let secondAnswer = group.answerToJoin("c", owned: owned(0, 1), protocols: ["cooperative-sticky"])
        let second = try #require(secondAnswer)
        #expect(second.generation == joined.epoch)
        #expect(group.toldBySync("c", second.generation) == owned(0, 1))
        #expect(group.beat("m", joined.epoch).assignment == partitions("a", 2))
    }

    @Test func joinsThatWaitAreAnsweredAndSyncsThatWaitAreSentBack() throws {
        var group = ConsumerGroupHarness(["a": 2])
        let firstAnswer = group.answerToJoin(proposed: "c1")
        let first = try #require(firstAnswer)
        let waiting = group.joinClassic(proposed: "c2")
        #expect(group.joins[waiting] == nil)
        _ = group.join("m")
        #expect(group.joins[waiting]?.error == ErrorCode.none)
        #expect(group.joins[waiting]?.memberID == "c2")
        #expect(group.beatClassic("c1", first.generation) == .rebalanceInProgress)

        var other = ConsumerGroupHarness(["a": 2])
        _ = other.joinClassic(proposed: "c1")
        let follower = other.joinClassic(proposed: "c2")
        _ = other.joinClassic("c1")
        let generation = try #require(other.joins[follower]?.generation)
        let sync = other.syncClassic("c2", generation)
        _ = other.join("m")
        #expect(other.syncs[sync]?.error == .rebalanceInProgress)
    }

    @Test func memberThatJoinsWhileTheGroupChangesKeepsWhatItReads() throws {
        var (group, generation) = try classicGroup(partitions: 4, protocols: ["cooperative-sticky"])
        _ = group.joinClassic(proposed: "d", protocols: ["cooperative-sticky"])
        #expect(group.beatClassic("c", generation) == .rebalanceInProgress)
        let waiting = group.joinClassic("c", owned: owned(0, 1, 2, 3), protocols: ["cooperative-sticky"])
        let joined = try #require(group.joins[waiting]?.generation)
        _ = group.join("m")
        let rejoined = group.joinClassic("c", owned: owned(0, 1, 2, 3), protocols: ["cooperative-sticky"])
        #expect(group.joins[rejoined]?.generation == joined)
        #expect(group.toldBySync("c", joined)?.first?.partitions.count == 2)
    }

    @Test func whatTwoClaimIsNobodysUntilBothHaveGivenUp() throws {
        var group = ConsumerGroupHarness(["a": 1])
        _ = group.joinClassic(proposed: "c1")
        let follower = group.joinClassic(proposed: "c2")
        _ = group.joinClassic("c1")
        let generation = try #require(group.joins[follower]?.generation)
        let both = ConsumerGroupHarness.assignment("a", 0)
        _ = group.syncClassic("c2", generation)
        _ = group.syncClassic("c1", generation, assignments: ["c1": both, "c2": both])
        let joined = group.join("a")
        #expect(group.leaveClassic("c1") == .none)
        #expect(group.beat("a", joined.epoch).assignment?.isEmpty ?? true)
        #expect(group.leaveClassic("c2") == .none)
        #expect(group.beat("a", group.member("a")?.epoch ?? 0).epoch > joined.epoch)
        #expect(group.member("a")?.assigned == partitions("a", 0))
    }

    @Test func memberThatDoesNotComeBackIsRemoved() throws {
        var (group, generation) = try classicGroup()
        let joined = group.join("m")
        #expect(group.beatClassic("c", generation) == .rebalanceInProgress)
        for _ in 0..<9 {
            group.advance(.seconds(7))
            _ = group.beatClassic("c", generation)
            _ = group.beat("m", group.member("m")?.epoch ?? joined.epoch)
        }
        #expect(group.beatClassic("c", generation) == .unknownMemberID)
        #expect(group.member("m")?.assigned == partitions("a", 0, 1))
    }

    @Test func memberThatDoesNotAskForItsPartitionsIsRemoved() throws {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m")
        let joinedAnswer = group.answerToJoin(proposed: "c", rebalance: .seconds(5))
        let joined = try #require(joinedAnswer)
        group.advance(.seconds(6))
        #expect(group.beatClassic("c", joined.generation) == .unknownMemberID)
    }

    @Test func staticMemberChangesItsProtocolInItsPlace() throws {
        var (group, generation) = try classicGroup(instance: "i")
        let joined = group.join("m", instance: "i")
        #expect(joined.assignment == partitions("a", 0, 1))
        #expect(group.machine.summary.type == .consumer)
        #expect(group.beatClassic("c", generation, instance: "i") == .fencedInstanceID)
        #expect(group.commit("c", generation) == .unknownMemberID)

        let backAnswer = group.answerToJoin(proposed: "c2", instance: "i")
        let back = try #require(backAnswer)
        #expect(back.error == .none)
        #expect(group.beat("m", joined.epoch, instance: "i").error == .unknownMemberID)
        #expect(group.machine.summary.type == .classic, "no member of the other protocol is left")
    }

    @Test func memberThatWasRemovedHasNothingWhenItComesBack() throws {
        var group = ConsumerGroupHarness(["a": 1])
        _ = group.join("m")
        let refused = group.answerToJoin("gone", owned: owned(0), protocols: ["cooperative-sticky"])
        #expect(refused == .failed(.unknownMemberID, memberID: "gone"))
        #expect(group.answerToJoin("gone", protocols: ["cooperative-sticky"])?.error == ErrorCode.none)
    }

    // MARK: Down

    @Test func groupGoesBackWithItsMembersWhenTheLastOtherOneLeaves() throws {
        var group = ConsumerGroupHarness(["a": 2])
        let other = group.join("m")
        let firstAnswer = group.answerToJoin(proposed: "c")
        let first = try #require(firstAnswer)
        #expect(group.toldBySync("c", first.generation) == [])
        _ = group.beat("m", other.epoch)
        _ = group.beat("m", other.epoch, owned: partitions("a", 0))
        #expect(group.beatClassic("c", first.generation) == .rebalanceInProgress)
        let secondAnswer = group.answerToJoin("c")
        let second = try #require(secondAnswer)
        #expect(group.toldBySync("c", second.generation) == owned(1))

        _ = group.beat("m", -1)
        #expect(group.machine.summary.type == .classic)
        #expect(group.machine.summary.protocolType == "consumer")
        #expect(group.beatClassic("c", second.generation) == .rebalanceInProgress)
        #expect(group.commit("c", second.generation) == .none)
        let thirdAnswer = group.answerToJoin("c")
        let third = try #require(thirdAnswer)
        #expect(third.leaderID == "c")
        #expect(third.generation > second.generation)
        #expect(group.commit("c", second.generation) == .illegalGeneration)
        #expect(group.beat("m", other.epoch).error == .unknownMemberID)
    }

    @Test func lastOtherMemberThatFallsSilentTakesItsProtocolAlong() throws {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m")
        let joinedAnswer = group.answerToJoin(proposed: "c")
        let joined = try #require(joinedAnswer)
        _ = group.syncClassic("c", joined.generation)
        for _ in 0..<10 {
            group.advance(.seconds(5))
            _ = group.beatClassic("c", joined.generation)
        }
        #expect(group.machine.summary.type == .classic)
    }

    @Test func groupThatGoesUpAgainBeforeItsMembersCameBackKnowsWhatTheyRead() throws {
        var (group, generation) = try classicGroup()
        _ = group.join("m")
        _ = group.beat("m", -1)
        #expect(group.machine.summary.type == .classic)
        let joined = group.join("n")
        #expect(joined.assignment == PartitionAssignment())
        #expect(group.member("c")?.assigned == partitions("a", 0, 1))
        #expect(group.commit("c", generation) == .none)
    }

    // MARK: Refusals

    @Test(arguments: GroupMigrationPolicy.allCases)
    func policyIsKept(policy: GroupMigrationPolicy) throws {
        var (group, _) = try classicGroup { $0.migrationPolicy = policy }
        #expect((group.join("m").error == .none) == policy.allowsUpgrade)
        #expect(group.machine.summary.type == (policy.allowsUpgrade ? .consumer : .classic))

        var other = ConsumerGroupHarness(["a": 1]) { $0.migrationPolicy = policy }
        _ = other.join("m")
        #expect(other.answerToJoin()?.error == ErrorCode.none, "that is not what the policy is about")
        _ = other.beat("m", -1)
        #expect(other.machine.summary.type == (policy.allowsDowngrade ? .classic : .consumer))
    }

    @Test func groupsOfOtherTypesAreNotTakenAlong() throws {
        var group = ConsumerGroupHarness(["a": 1])
        let joinedAnswer = group.answerToJoin(type: "connect")
        let joined = try #require(joinedAnswer)
        let refused = group.join("m")
        #expect(refused.error == .groupIDNotFound)
        #expect(refused.message?.contains("connect") == true)
        #expect(group.beatClassic(joined.memberID, joined.generation) == .none)

        var consumers = ConsumerGroupHarness(["a": 1])
        _ = consumers.join("m")
        #expect(consumers.answerToJoin(type: "connect")?.error == .inconsistentGroupProtocol)
    }

    @Test func assignorsThatAddToAssignmentsAreNotTakenAlong() throws {
        var assignment = ConsumerGroupHarness.assignment("a", 0)
        assignment.moveWriterIndex(to: assignment.writerIndex - 4)
        assignment.writeInteger(Int32(1))
        assignment.writeInteger(UInt8(7))
        for (name, error) in [("stream", ErrorCode.groupIDNotFound), ("cooperative-sticky", .none)] {
            var group = ConsumerGroupHarness(["a": 1])
            let joinedAnswer = group.answerToJoin(proposed: "c", protocols: [name])
            let joined = try #require(joinedAnswer)
            _ = group.syncClassic("c", joined.generation, assignments: ["c": assignment])
            #expect(group.join("m").error == error)
        }
    }

    @Test func refusedMemberLeavesTheGroupAsItIs() throws {
        var (group, generation) = try classicGroup { $0.membersMax = 1 }
        #expect(group.join("m").error == .groupMaxSizeReached)
        #expect(group.beat("m", 5).error == .unknownMemberID)
        #expect(group.machine.summary.type == .classic)
        #expect(group.beatClassic("c", generation) == .none)
    }

    @Test func classicMembersHaveACommonProtocolAndKnowTheirIDs() throws {
        var group = ConsumerGroupHarness(["a": 1]) { $0.membersMax = 3 }
        _ = group.join("m")
        let unknown = group.answerToJoin(proposed: "c1", mustKnow: true)
        #expect(unknown?.error == .memberIDRequired)
        #expect(unknown?.memberID == "c1")
        #expect(group.answerToJoin("c1")?.error == ErrorCode.none)
        #expect(group.answerToJoin(protocols: ["other"])?.error == .inconsistentGroupProtocol)
        #expect(group.answerToJoin("c1", protocols: ["other"])?.error == ErrorCode.none)
        #expect(group.answerToJoin("m")?.error == .unknownMemberID, "the member speaks the other protocol")
        #expect(group.answerToJoin(protocols: [])?.error == .inconsistentGroupProtocol)
        _ = group.joinClassic(proposed: "c2", protocols: ["other"])
        #expect(group.answerToJoin(protocols: ["other"])?.error == .groupMaxSizeReached)
        #expect(group.leaveClassic("m") == .unknownMemberID)
        #expect(group.leaveClassic("c1") == .none)
    }
}
