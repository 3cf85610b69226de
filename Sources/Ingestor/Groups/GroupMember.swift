import NIOCore

/// What a group knows of one member.
struct GroupMember {
    var id: String
    let instanceID: String?
    /// The member's place in the order of arrival; members are listed and elected in this order.
    let arrival: UInt64
    var sessionTimeout: TimeAmount
    var rebalanceTimeout: TimeAmount
    var protocols: [GroupProtocol]
    /// The join that waits for the next generation.
    var waitingJoin: ReplyToken?
    /// The sync that waits for the leader's assignment.
    var waitingSync: ReplyToken?
    /// Whether it has asked for its assignment in this generation.
    var hasSynced = false
    var assignment = ByteBuffer()
    /// When the group gives it up unless it is heard of before; not looked at while it waits for the group.
    var sessionDeadline: NIODeadline
    /// When the first join of a new member is given up.
    var firstJoinDeadline: NIODeadline?

    /// When this member is given up, as things are.
    var deadline: NIODeadline? {
        if waitingJoin != nil { return firstJoinDeadline }
        if waitingSync != nil { return nil }
        return sessionDeadline
    }

    /// What it keeps here.
    var byteCount: Int {
        protocols.reduce(id.utf8.count + (instanceID?.utf8.count ?? 0) + assignment.readableBytes) {
            $0 + $1.byteCount
        }
    }

    mutating func heardOf(now: NIODeadline) {
        sessionDeadline = now + sessionTimeout
    }

    /// Its bytes for the protocol that was chosen.
    func metadata(for protocolName: String?) -> ByteBuffer {
        protocols.first { $0.name == protocolName }?.metadata ?? ByteBuffer()
    }
}
