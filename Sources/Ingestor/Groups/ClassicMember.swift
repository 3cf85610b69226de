import KafkaProtocol
import NIOCore

/// A member of the classic protocol as it is carried from a group of one protocol to one of the other (KIP-848's migration).
struct ClassicMember {
    let id: String
    let instanceID: String?
    let client: GroupClient
    let sessionTimeout: TimeAmount
    let rebalanceTimeout: TimeAmount
    /// In the member's order of preference; there is at least one.
    let protocols: [GroupProtocol]
    /// The generation, or the epoch, that it was told last.
    let generation: Int32
    /// What it may read until it joins again: see ``ConsumerAssignment``.
    let assignment: ByteBuffer
    /// The join that waits for an answer.
    var waitingJoin: ReplyToken?

    /// The join that brings it into a group of the other protocol.
    func join(_ token: ReplyToken) -> GroupJoin {
        GroupJoin(
            token: token,
            memberID: id,
            instanceID: instanceID,
            client: client,
            proposedMemberID: id,
            sessionTimeout: sessionTimeout,
            rebalanceTimeout: rebalanceTimeout,
            protocolType: ConsumerSubscription.protocolType,
            protocols: protocols
        )
    }
}
