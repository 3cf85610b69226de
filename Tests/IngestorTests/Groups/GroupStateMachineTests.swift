import Ingestor
import KafkaProtocol
import NIOCore
import Testing

@Suite struct GroupStateMachineTests {
    @Test func firstMemberLeadsTheFirstGenerationAfterTheInitialDelay() throws {
        var group = GroupHarness(initialDelay: .milliseconds(100))
        let join = group.join(metadata: "topics")
        #expect(group.joins[join] == nil)
        group.advance(.milliseconds(100))
        // No other member joined during the delay (this one began it), so it is not extended.
        let answer = try #require(group.joins[join])
        #expect(answer.error == .none)
        #expect(answer.generation == 1)
        #expect(answer.leaderID == answer.memberID)
        #expect(answer.members == [.init(id: answer.memberID, metadata: ByteBuffer(string: "topics"))])
        #expect(group.machine.phase == .completingRebalance)
    }

    @Test func initialDelayIsPutOffWhileMembersArrive() throws {
        var group = GroupHarness(initialDelay: .milliseconds(100))
        let first = group.join()
        group.advance(.milliseconds(60))
        let second = group.join()
        group.advance(.milliseconds(60))
        #expect(group.joins[first] == nil)
        group.advance(.milliseconds(100))
        #expect(group.joins[first]?.generation == 1)
        #expect(group.joins[second]?.generation == 1)
        #expect(group.joins[first]?.members.count == 2)
        #expect(group.joins[second]?.members.isEmpty == true)
    }

    @Test func everyMemberGetsWhatTheLeaderAssigned() throws {
        var group = GroupHarness(initialDelay: .milliseconds(10))
        let joins = [group.join(), group.join(), group.join()]
        group.advance(.seconds(1))
        let members = try joins.map { try #require(group.joins[$0]).memberID }
        let followers = members.dropFirst().map { group.sync($0, generation: 1) }
        #expect(followers.allSatisfy { group.syncs[$0] == nil })
        let leader = group.sync(members[0], generation: 1, assignments: [members[0]: "a", members[1]: "b"])
        #expect(group.syncs[leader]?.assignment == ByteBuffer(string: "a"))
        #expect(group.syncs[followers[0]]?.assignment == ByteBuffer(string: "b"))
        #expect(group.syncs[followers[1]]?.assignment == ByteBuffer())
        #expect(group.machine.phase == .stable)
    }

    @Test func memberMustComeBackWithItsNameBeforeItCounts() throws {
        var group = GroupHarness()
        let first = group.join(mustKnow: true)
        let named = try #require(group.joins[first])
        #expect(named.error == .memberIDRequired)
        #expect(group.machine.memberIDs.isEmpty)
        let second = group.join(named.memberID, mustKnow: true)
        #expect(group.joins[second]?.error == ErrorCode.none)
        #expect(group.machine.memberIDs == [named.memberID])
    }

    @Test func memberIDThatIsNotUsedExpires() throws {
        var group = GroupHarness()
        let first = group.join(mustKnow: true, session: .seconds(10))
        let name = try #require(group.joins[first]).memberID
        group.advance(.seconds(11))
        #expect(group.machine.isIdle)
        let late = group.join(name, mustKnow: true)
        #expect(group.joins[late]?.error == .unknownMemberID)
    }

    @Test func rebalanceWaitsForAMemberThatWasNamed() throws {
        var group = GroupHarness()
        let members = group.stableGroup(of: 1)
        let first = group.join(mustKnow: true)
        let named = try #require(group.joins[first]).memberID
        let rejoin = group.join(members[0])
        #expect(group.joins[rejoin] == nil)
        let second = group.join(named, mustKnow: true)
        #expect(group.joins[rejoin]?.generation == 2)
        #expect(group.joins[second]?.generation == 2)
    }

    @Test func newMemberMakesTheOthersRejoin() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let generation = group.machine.generation
        let third = group.join()
        #expect(group.heartbeat(members[0], generation: generation) == .rebalanceInProgress)
        #expect(group.joins[third] == nil)
        for member in members { _ = group.join(member) }
        #expect(group.joins[third]?.generation == generation + 1)
        #expect(group.machine.memberIDs.count == 3)
    }

    @Test func memberThatDoesNotRejoinInTimeIsLeftBehind() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let generation = group.machine.generation
        let rejoin = group.join(members[0])
        for _ in 0..<7 {
            group.advance(.seconds(9))
            _ = group.heartbeat(members[1], generation: generation)
        }
        #expect(group.joins[rejoin]?.generation == generation + 1)
        #expect(group.machine.memberIDs == [members[0]])
        #expect(group.commit(members[1], generation: generation) == .unknownMemberID)
    }

    @Test func silentMemberIsGivenUpAfterItsSession() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let generation = group.machine.generation
        group.advance(.seconds(9))
        #expect(group.heartbeat(members[0], generation: generation) == .none)
        group.advance(.seconds(2))
        #expect(group.machine.memberIDs == [members[0]])
        #expect(group.heartbeat(members[0], generation: generation) == .rebalanceInProgress)
        #expect(group.heartbeat(members[1], generation: generation) == .unknownMemberID)
    }

    @Test func commitKeepsASessionAlive() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 1)
        for _ in 0..<5 {
            group.advance(.seconds(9))
            #expect(group.commit(members[0], generation: 1) == .none)
        }
    }

    @Test func leavingMakesRoomAtOnce() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        #expect(group.leave(members[0]) == .none)
        let rejoin = group.join(members[1])
        #expect(group.joins[rejoin]?.leaderID == members[1])
        #expect(group.leave(members[0]) == .unknownMemberID)
    }

    @Test func lastMemberLeavesTheGroupEmpty() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 1)
        #expect(group.leave(members[0]) == .none)
        #expect(group.machine.phase == .empty)
        #expect(group.machine.isIdle)
        #expect(group.machine.nextDeadline == nil)
        #expect(group.commit("", generation: -1) == .none)
    }

    @Test func memberThatNeverAsksForItsAssignmentIsGivenUp() throws {
        var group = GroupHarness(initialDelay: .milliseconds(10))
        let joins = [group.join(rebalance: .seconds(5)), group.join(rebalance: .seconds(5))]
        group.advance(.seconds(1))
        let members = try joins.map { try #require(group.joins[$0]).memberID }
        let waiting = group.sync(members[1], generation: 1)
        group.advance(.seconds(6))
        #expect(group.syncs[waiting]?.error == .rebalanceInProgress)
        #expect(group.machine.memberIDs == [members[1]])
    }

    @Test func abandonedJoinDoesNotCountAsJoined() throws {
        var group = GroupHarness()
        let members = group.stableGroup(of: 1)
        let gone = group.join()
        group.abandon(gone)
        let rejoin = group.join(members[0])
        #expect(group.joins[rejoin] == nil, "the member that is gone may still come back")
        group.advance(.seconds(11))
        #expect(group.joins[rejoin]?.members.count == 1)
    }

    @Test func protocolIsTheOneThatMostPreferOfThoseThatAllOffer() throws {
        var group = GroupHarness(initialDelay: .milliseconds(10))
        let first = group.join(protocols: ["a", "b", "c"])
        _ = group.join(protocols: ["c", "b"])
        _ = group.join(protocols: ["b", "c"])
        group.advance(.seconds(1))
        #expect(group.joins[first]?.protocolName == "b")
        let stranger = group.join(protocols: ["d"])
        #expect(group.joins[stranger]?.error == .inconsistentGroupProtocol)
        let other = group.join(type: "connect", protocols: ["b"])
        #expect(group.joins[other]?.error == .inconsistentGroupProtocol)
    }

    @Test func followerThatAsksAgainGetsTheSameGeneration() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let generation = group.machine.generation
        let follower = members.first { $0 != group.machine.leaderID } ?? ""
        let unchanged = group.join(follower, metadata: follower == members[0] ? "again" : "")
        #expect(group.joins[unchanged]?.generation == generation)
        #expect(group.machine.phase == .stable)
        let changed = group.join(follower, metadata: "other topics")
        #expect(group.joins[changed] == nil)
        #expect(group.heartbeat(members[0], generation: generation) == .rebalanceInProgress)
    }

    @Test func membersBeyondTheLimitAreRefused() {
        var group = GroupHarness(membersMax: 2)
        _ = group.stableGroup(of: 2)
        let third = group.join()
        #expect(group.joins[third]?.error == .groupMaxSizeReached)
    }

    @Test(arguments: [TimeAmount.milliseconds(1), .hours(1)])
    func sessionTimeoutOutOfRangeIsRefused(timeout: TimeAmount) {
        var group = GroupHarness()
        let join = group.join(session: timeout)
        #expect(group.joins[join]?.error == .invalidSessionTimeout)
    }

    @Test func closingAnswersAllWaitingRequests() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let waiting = group.join(members[0])
        group.close()
        #expect(group.joins[waiting]?.error == .notCoordinator)
        #expect(group.machine.nextDeadline == nil)
        let late = group.join()
        #expect(group.joins[late]?.error == .coordinatorNotAvailable)
    }
}
