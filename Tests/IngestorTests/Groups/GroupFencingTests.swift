import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// Who may speak for which generation.
@Suite struct GroupFencingTests {
    /// What a request says it is, and the error that it owes.
    struct Claim: Sendable, CustomStringConvertible {
        var member: String?
        var generationOffset: Int32
        var error: ErrorCode
        var description: String { "\(member ?? "a member") of generation \(generationOffset): \(error)" }
    }

    static let claims = [
        Claim(member: nil, generationOffset: 0, error: .none),
        Claim(member: nil, generationOffset: -1, error: .illegalGeneration),
        Claim(member: nil, generationOffset: 1, error: .illegalGeneration),
        Claim(member: "stranger", generationOffset: 0, error: .unknownMemberID),
        Claim(member: "", generationOffset: -100, error: .unknownMemberID),
    ]

    @Test(arguments: claims)
    func onlyAMemberOfThisGenerationCommitsAndBeats(claim: Claim) {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let member = claim.member ?? members[0]
        let generation = group.machine.generation + claim.generationOffset
        #expect(group.commit(member, generation: generation) == claim.error)
        #expect(group.heartbeat(member, generation: generation) == claim.error)
        let sync = group.sync(member, generation: generation)
        #expect(group.syncs[sync]?.error == claim.error)
    }

    @Test func commitIsRefusedWhileTheNewGenerationIsNotAssigned() {
        var group = GroupHarness()
        let join = group.join()
        let member = group.joins[join]?.memberID ?? ""
        #expect(group.machine.phase == .completingRebalance)
        #expect(group.commit(member, generation: 1) == .rebalanceInProgress)
    }

    @Test func memberMayStillCommitWhileTheOthersRejoin() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 2)
        let generation = group.machine.generation
        _ = group.join(members[0])
        #expect(group.commit(members[1], generation: generation) == .none)
    }

    @Test func syncMustNameTheProtocolOfTheGeneration() {
        var group = GroupHarness()
        let members = group.stableGroup(of: 1)
        let wrongName = group.sync(members[0], generation: 1, type: "consumer", name: "sticky")
        #expect(group.syncs[wrongName]?.error == .inconsistentGroupProtocol)
        let wrongType = group.sync(members[0], generation: 1, type: "connect", name: "range")
        #expect(group.syncs[wrongType]?.error == .inconsistentGroupProtocol)
        let right = group.sync(members[0], generation: 1, type: "consumer", name: "range")
        #expect(group.syncs[right]?.error == ErrorCode.none)
    }
}
