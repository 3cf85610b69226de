import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// Members that keep their place over a restart (KIP-345).
@Suite struct StaticMemberTests {
    /// A stable group of the static members `one` (leads) and `two`.
    private func stableGroup() throws -> (group: GroupHarness, one: String, two: String) {
        var group = GroupHarness(initialDelay: .milliseconds(10))
        let joins = [group.join(instance: "one"), group.join(instance: "two")]
        group.advance(.seconds(1))
        let names = try joins.map { try #require(group.joins[$0]).memberID }
        _ = group.sync(names[1], generation: 1, instance: "two")
        _ = group.sync(names[0], generation: 1, instance: "one", assignments: [names[0]: "a", names[1]: "b"])
        #expect(group.machine.phase == .stable)
        return (group, names[0], names[1])
    }

    @Test func restartedFollowerGetsItsAssignmentWithoutARebalance() throws {
        var (group, _, old) = try stableGroup()
        let join = group.join(instance: "two")
        let answer = try #require(group.joins[join])
        #expect(answer.generation == 1)
        #expect(answer.memberID != old)
        let sync = group.sync(answer.memberID, generation: 1, instance: "two")
        #expect(group.syncs[sync]?.assignment == ByteBuffer(string: "b"))
        #expect(group.machine.phase == .stable)
    }

    @Test func oldNameIsFenced() throws {
        var (group, _, old) = try stableGroup()
        _ = group.join(instance: "two")
        #expect(group.heartbeat(old, generation: 1, instance: "two") == .fencedInstanceID)
        #expect(group.commit(old, generation: 1, instance: "two") == .fencedInstanceID)
        #expect(group.commit(old, generation: 1) == .unknownMemberID)
        let rejoin = group.join(old, instance: "two")
        #expect(group.joins[rejoin]?.error == .fencedInstanceID)
        #expect(group.leave(old, instance: "two") == .fencedInstanceID)
    }

    @Test func restartedLeaderDoesNotAssignAnew() throws {
        var (group, old, _) = try stableGroup()
        let first = group.join(instance: "one")
        let classic = try #require(group.joins[first])
        #expect(classic.leaderID == old)
        #expect(classic.members.isEmpty)
        let second = group.join(instance: "one", canSkip: true)
        let modern = try #require(group.joins[second])
        #expect(modern.leaderID == modern.memberID)
        #expect(modern.skipAssignment)
        #expect(modern.members.count == 2)
    }

    @Test func staticMemberOutlivesARebalanceItMissed() throws {
        var (group, one, two) = try stableGroup()
        let rejoin = group.join(one, instance: "one", rebalance: .seconds(5))
        // `two` beats but does not rejoin; its place is kept until its session ends.
        for _ in 0..<8 {
            group.advance(.seconds(9))
            _ = group.heartbeat(two, generation: 1, instance: "two")
        }
        #expect(group.joins[rejoin]?.generation == 2)
        #expect(group.joins[rejoin]?.members.count == 2)
    }

    @Test func staticMemberIsRemovedByItsInstanceAlone() throws {
        var (group, one, _) = try stableGroup()
        #expect(group.leave("", instance: "nobody") == .unknownMemberID)
        #expect(group.leave("", instance: "two") == .none)
        #expect(group.machine.memberIDs == [one])
    }

    @Test func changedProtocolRebalances() throws {
        var (group, _, _) = try stableGroup()
        let join = group.join(instance: "two", protocols: ["sticky", "range"])
        #expect(group.joins[join]?.generation == 1, "'range' is still what all have in common")
        let stranger = group.join(instance: "two", protocols: ["sticky"])
        #expect(group.joins[stranger]?.error == .inconsistentGroupProtocol)
    }

    @Test func joinThatWaitsUnderTheOldNameIsFenced() throws {
        var (group, _, two) = try stableGroup()
        let waiting = group.join(two, instance: "two", metadata: "changed")
        #expect(group.joins[waiting] == nil)
        let restarted = group.join(instance: "two")
        #expect(group.joins[waiting]?.error == .fencedInstanceID)
        #expect(group.joins[restarted] == nil)
    }
}
