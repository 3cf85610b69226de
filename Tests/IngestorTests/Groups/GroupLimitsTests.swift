import Ingestor
import KafkaProtocol
import NIOCore
import Testing

@Suite struct GroupLimitsTests {
    private func machine(_ change: (inout GroupSettings) -> Void) -> GroupStateMachine {
        var settings = GroupSettings()
        settings.initialRebalanceDelay = .zero
        change(&settings)
        return GroupStateMachine(settings: settings)
    }

    private func join(
        _ number: UInt64,
        as memberID: String = "",
        protocols: [String] = ["range"],
        metadata: Int = 0
    ) -> GroupJoin {
        GroupJoin(
            token: ReplyToken(number),
            memberID: memberID,
            proposedMemberID: "member-\(number)",
            sessionTimeout: .seconds(10),
            rebalanceTimeout: .seconds(60),
            protocolType: "consumer",
            protocols: protocols.map { GroupProtocol(name: $0, metadata: ByteBuffer(repeating: 0, count: metadata)) }
        )
    }

    private let now = NIODeadline.uptimeNanoseconds(0)

    @Test func groupKeepsNoMoreBytesThanItMay() {
        var machine = machine { $0.bytesMax = 2_500 }
        _ = machine.receivedJoin(join(1, metadata: 1_000), now: now)
        _ = machine.receivedJoin(join(2, metadata: 1_000), now: now)
        let before = machine.byteCount
        #expect(before > 2_000)
        let refused = machine.receivedJoin(join(3, metadata: 1_000), now: now)
        #expect(refused == [.answerJoin(ReplyToken(3), .failed(.groupMaxSizeReached, memberID: ""))])
        #expect(machine.byteCount == before)
        // What a member says anew takes the place of what it said before.
        _ = machine.receivedJoin(join(4, as: "member-1", metadata: 1_100), now: now)
        #expect(machine.byteCount == before + 100)
        _ = machine.receivedLeave(memberID: "member-1", instanceID: nil, now: now)
        _ = machine.receivedLeave(memberID: "member-2", instanceID: nil, now: now)
        #expect(machine.byteCount == 0)
    }

    @Test func memberOffersNoMoreProtocolsThanItMay() {
        var machine = machine { $0.protocolsMax = 2 }
        let refused = machine.receivedJoin(join(1, protocols: ["a", "b", "c"]), now: now)
        #expect(refused == [.answerJoin(ReplyToken(1), .failed(.invalidRequest, memberID: ""))])
    }

    @Test func commonProtocolIsFoundAmongMembersThatComeAndGo() {
        var machine = machine { _ in }
        _ = machine.receivedJoin(join(1, protocols: ["a", "b", "b"]), now: now)
        #expect(machine.protocolName == "a")
        _ = machine.receivedJoin(join(2, protocols: ["b", "c"]), now: now)
        _ = machine.receivedJoin(join(3, as: "member-1", protocols: ["a", "b"]), now: now)
        #expect(machine.protocolName == "b")
        let refused = machine.receivedJoin(join(4, protocols: ["a"]), now: now)
        #expect(refused == [.answerJoin(ReplyToken(4), .failed(.inconsistentGroupProtocol, memberID: ""))])
        // A member may give up a protocol that only it offers, and not the one that all share.
        let waiting = machine.receivedJoin(join(5, as: "member-1", protocols: ["c"]), now: now)
        #expect(
            !waiting.contains {
                $0 == .answerJoin(ReplyToken(5), .failed(.inconsistentGroupProtocol, memberID: "member-1"))
            }
        )
        let alone = machine.receivedJoin(join(6, as: "member-2", protocols: ["d"]), now: now)
        #expect(alone == [.answerJoin(ReplyToken(6), .failed(.inconsistentGroupProtocol, memberID: "member-2"))])
        _ = machine.receivedJoin(join(7, as: "member-2", protocols: ["c"]), now: now)
        #expect(machine.protocolName == "c")
    }
}
