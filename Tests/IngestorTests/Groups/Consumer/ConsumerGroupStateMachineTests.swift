import Ingestor
import KafkaProtocol
import NIOCore
import Testing

@Suite struct ConsumerGroupStateMachineTests {
    private func partitions(_ name: String, _ numbers: Int32...) -> PartitionAssignment {
        PartitionAssignment([.init(topicID: ConsumerGroupHarness.id(name), partitions: numbers)])
    }

    @Test func firstMemberGetsAllAtOnce() {
        var group = ConsumerGroupHarness(["a": 3])
        let answer = group.join("m1")
        #expect(answer.error == .none)
        #expect(answer.memberID == "m1")
        #expect(answer.epoch == 1)
        #expect(answer.assignment == partitions("a", 0, 1, 2))
        #expect(group.description.state == .stable)
        #expect(group.beat("m1", 1).assignment == nil, "it knows")
    }

    @Test func partitionsAreGivenUpBeforeTheyAreGiven() {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m1")
        let second = group.join("m2")
        #expect(second.epoch == 2)
        #expect(second.assignment == PartitionAssignment(), "the first has all of it")
        #expect(group.description.state == .reconciling)

        let told = group.beat("m1", 1, owned: partitions("a", 0, 1))
        #expect(told.epoch == 1, "the epoch comes when it has given up")
        let kept = told.assignment ?? PartitionAssignment()
        #expect(kept.count == 1)
        #expect(group.beat("m2", 2).assignment == nil)
        #expect(group.beat("m1", 1).assignment == nil, "it has not said that it gave up")

        let done = group.beat("m1", 1, owned: kept)
        #expect(done.epoch == 2)
        let taken = group.beat("m2", 2).assignment ?? PartitionAssignment()
        #expect(taken.count == 1)
        #expect(taken != kept)
        #expect(group.description.state == .stable)
    }

    @Test func leavingAndSilenceFreePartitions() {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m1")
        _ = group.join("m2")
        group.settle("m1", "m2")
        #expect(group.beat("m1", -1).epoch == -1)
        #expect(group.description.state == .assigning)
        #expect(group.beat("m2", group.member("m2")?.epoch ?? 0).assignment == partitions("a", 0, 1))

        _ = group.join("m3")
        group.settle("m2", "m3")
        group.advance(.seconds(44))
        _ = group.beat("m3", group.member("m3")?.epoch ?? 0)
        group.advance(.seconds(1))
        #expect(group.description.members.map(\.id) == ["m3"])
        #expect(group.beat("m2", 4).error == .unknownMemberID)
        #expect(group.beat("m3", group.member("m3")?.epoch ?? 0).assignment == partitions("a", 0, 1))
        group.advance(.seconds(45))
        #expect(group.description.state == .empty)
        #expect(group.machine.isIdle)
    }

    @Test func slowMemberIsRemovedAtItsRebalanceTimeout() {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m1", rebalance: .seconds(10))
        _ = group.join("m2")
        for _ in 0..<10 {
            _ = group.beat("m1", 1, owned: partitions("a", 0, 1))
            _ = group.beat("m2", 2)
            group.advance(.seconds(1))
        }
        #expect(group.beat("m1", 1, owned: partitions("a", 0, 1)).error == .unknownMemberID)
        #expect(group.beat("m2", 2).assignment == partitions("a", 0, 1))
    }

    @Test func epochsFence() {
        var group = ConsumerGroupHarness(["a": 1])
        _ = group.join("m1")
        #expect(group.beat("m1", 2).error == .fencedMemberEpoch, "an epoch of the future")
        #expect(group.beat("m1", 3).message?.contains("epoch 1") == true)
        #expect(group.beat("other", 1).error == .unknownMemberID)
        #expect(group.beat("other", -1).error == .unknownMemberID)

        group.make("a", 2)
        let bumped = group.beat("m1", 1, owned: partitions("a", 0))
        #expect(bumped.epoch == 2)
        let again = group.beat("m1", 1, owned: partitions("a", 0))
        #expect(again.error == .none, "the answer with the new epoch was lost")
        #expect(again.epoch == 2)
        #expect(group.beat("m1", 1).error == .fencedMemberEpoch, "it may have what is not its own")
    }

    @Test func fencedMemberComesBackWithNothing() {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m1")
        let back = group.join("m1")
        #expect(back.error == .none)
        #expect(back.epoch == 1, "nothing changed for the group")
        #expect(back.assignment == partitions("a", 0, 1))
    }

    @Test func topicsThatChangeAreDividedAnew() {
        var group = ConsumerGroupHarness()
        #expect(group.join("m1", ["a", "b"]).assignment == PartitionAssignment())
        group.make("a", 1)
        let first = group.beat("m1", 1, owned: PartitionAssignment())
        #expect(first.assignment == partitions("a", 0))
        group.make("c", 5)
        #expect(group.beat("m1", first.epoch, owned: partitions("a", 0)).epoch == first.epoch, "nobody reads it")
        group.make("a", 2)
        let grown = group.beat("m1", first.epoch, owned: partitions("a", 0))
        #expect(grown.assignment == partitions("a", 0, 1))
        group.make("a", 1, making: 1)
        let old = group.beat("m1", grown.epoch, owned: partitions("a", 0, 1))
        #expect(old.assignment == PartitionAssignment(), "the old topic is given up first")
        let new = group.beat("m1", old.epoch, owned: PartitionAssignment())
        #expect(new.assignment?.topics == [ConsumerGroupHarness.id("a", making: 1): [0]])
        group.delete("a")
        let gone = group.beat("m1", new.epoch, owned: new.assignment)
        #expect(gone.assignment == PartitionAssignment())
    }

    @Test func patternsFollowTopics() {
        var group = ConsumerGroupHarness(["ab": 1, "ac": 1, "b": 1])
        let first = group.join("m1", [], pattern: "a.*")
        #expect(first.assignment?.count == 2)
        group.make("ad", 1)
        let more = group.beat("m1", first.epoch, owned: first.assignment)
        #expect(more.assignment?.count == 3)
        #expect(group.description.subscribedTopics == ["ab", "ac", "ad"])
        // What a member reads by name, another one may come to read by pattern: no topic is new, and yet all is divided anew.
        let second = group.join("m2", ["b"], pattern: "(b|x)")
        #expect(second.assignment?.count == 1)
        _ = group.send(ConsumerHeartbeat(memberID: "m1", epoch: more.epoch, pattern: "b", owned: more.assignment))
        group.settle("m1", "m2")
        #expect(group.member("m1")?.assigned.count == 0 || group.member("m2")?.assigned.count == 0)
        #expect(group.description.subscribedTopics == ["b"])
    }

    @Test func memberMayChangeItsTopics() {
        var group = ConsumerGroupHarness(["a": 1, "b": 1])
        let first = group.join("m1", ["a"])
        let both = group.send(
            ConsumerHeartbeat(memberID: "m1", epoch: first.epoch, topicNames: ["b"], owned: first.assignment)
        )
        #expect(both.assignment == PartitionAssignment())
        #expect(group.beat("m1", both.epoch, owned: PartitionAssignment()).assignment == partitions("b", 0))
    }

    @Test func mostMembersChooseTheAssignor() {
        var group = ConsumerGroupHarness(["a": 1, "b": 1])
        _ = group.join("m1", ["a", "b"], assignor: .range)
        #expect(group.description.assignor == .range)
        _ = group.join("m2", ["a", "b"], assignor: .uniform)
        #expect(group.description.assignor == .uniform, "as many for each: the first of the two")
        _ = group.join("m3", ["a", "b"], assignor: .range)
        #expect(group.description.assignor == .range)
        group.settle("m1", "m2", "m3")
        #expect(group.member("m1")?.assigned.count == 2, "the first partition of each topic")
    }

    @Test func commitsAreFencedByEpoch() {
        var group = ConsumerGroupHarness(["a": 1])
        func commit(_ id: String, _ epoch: Int32, new: Bool = true) -> ErrorCode {
            group.machine.receivedCommit(
                memberID: id,
                instanceID: nil,
                generation: epoch,
                carriesEpoch: new,
                now: group.now
            )
        }
        _ = group.join("m1")
        #expect(commit("m1", 1) == .none)
        #expect(commit("m1", 0) == .staleMemberEpoch)
        #expect(commit("m1", 2) == .staleMemberEpoch)
        #expect(commit("m1", 1, new: false) == .unsupportedVersion)
        #expect(commit("m2", 1) == .unknownMemberID)
        #expect(commit("", -1) == .unknownMemberID, "the group has members")
        #expect(group.machine.checkFetch(memberID: "m1", epoch: 1) == .none)
        #expect(group.machine.checkFetch(memberID: "m1", epoch: 2) == .staleMemberEpoch)
        #expect(group.machine.checkFetch(memberID: "m2", epoch: 1) == .unknownMemberID)
        #expect(group.machine.checkFetch(memberID: nil, epoch: -1) == .none)
        _ = group.beat("m1", -1)
        #expect(commit("", -1) == .none, "a tool sets offsets of a group without members")
    }

    // MARK: Static members

    @Test func staticMemberComesBackToItsPartitions() {
        var group = ConsumerGroupHarness(["a": 2])
        _ = group.join("m1", instance: "i1")
        _ = group.join("m2", instance: "i2")
        group.settle("m1", "m2")
        let (before, epoch) = (group.member("m1")?.assigned, group.description.groupEpoch)
        #expect(group.join("m3", instance: "i1").error == .unreleasedInstanceID)
        #expect(group.beat("m1", -2, instance: "i1").epoch == -2)
        #expect(group.beat("m2", 2, instance: "i2").assignment == nil, "its partitions wait for it")
        let back = group.join("m3", instance: "i1")
        #expect(back.error == .none)
        #expect(back.assignment == before)
        #expect(group.description.groupEpoch == epoch, "nobody else noticed")
        #expect(group.beat("m1", 2, instance: "i1").error == .fencedInstanceID)
        #expect(group.beat("m1", -1, instance: "i1").error == .fencedInstanceID)
    }

    @Test func staticMemberThatStaysAwayIsRemoved() {
        var group = ConsumerGroupHarness(["a": 1])
        _ = group.join("m1", instance: "i1")
        _ = group.beat("m1", -2, instance: "i1")
        _ = group.join("m2")
        group.advance(.seconds(45))
        #expect(group.description.members.isEmpty)
        #expect(group.join("m3", instance: "i1").assignment == partitions("a", 0))
    }

    // MARK: Limits

    @Test func groupHasNoMoreThanItMay() {
        var group = ConsumerGroupHarness(["a": 1]) {
            $0.membersMax = 2
            $0.patternsMax = 1
            $0.bytesMax = 5_000
        }
        _ = group.join("m1", pattern: "a")
        #expect(group.join("m2", pattern: "b").error == .invalidRegularExpression)
        #expect(group.join("m2", pattern: "a").error == .none)
        #expect(group.join("m3").error == .groupMaxSizeReached)
        let names = Set((0..<1_000).map { "topic-\($0)" })
        #expect(group.join("m2", names).error == .groupMaxSizeReached)
        #expect(group.machine.byteCount < 5_000)
    }

    // MARK: Both protocols

    @Test func emptyGroupTakesTheOtherProtocol() throws {
        var group = ConsumerGroupHarness(["a": 1])
        _ = group.join("m1")
        _ = group.beat("m1", -1)

        let joinedAnswer = group.answerToJoin()
        let joined = try #require(joinedAnswer)
        #expect(joined.error == .none)
        #expect(joined.leaderID == joined.memberID)
        #expect(group.machine.summary.type == .classic)
        #expect(group.leaveClassic(joined.memberID) == .none)

        #expect(group.join("m2").assignment == partitions("a", 0))
        #expect(group.machine.summary.type == .consumer)
        #expect(group.beatClassic(joined.memberID, joined.generation) == .unknownMemberID)
    }

    @Test func closedGroupSendsMembersElsewhere() {
        var group = ConsumerGroupHarness(["a": 1])
        _ = group.join("m1")
        #expect(group.machine.closed().isEmpty)
        #expect(group.beat("m1", 1).error == .coordinatorNotAvailable)
        #expect(group.machine.isDead)
    }
}
