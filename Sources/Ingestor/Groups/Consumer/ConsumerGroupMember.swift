import KafkaProtocol
import NIOCore

/// What a group of the protocol of KIP-848 knows of one member, and the steps by which the member's partitions
/// become those that it is to have.
///
/// ```
///            to give up some                        given up
///  stable ───────────────────▶ unrevokedPartitions ──────────▶ (looked at again)
///    │ ▲                                                         │
///    │ └───────────────── all free ──────────────────────────────┤
///    ▼                                                           ▼
///  unreleasedPartitions ◀─────── others still have some ─────────┘
/// ```
///
/// A member gives up first: it gets the new epoch, and partitions with it, when it has nothing left that is another's.
struct ConsumerGroupMember: Sendable, Equatable {
    enum State: Sendable {
        /// It has what it is to have in its epoch.
        case stable
        /// It has been told to give up ``pendingRevocation``.
        case unrevokedPartitions
        /// It waits for partitions that others still have.
        case unreleasedPartitions
    }

    let id: String
    var instanceID: String?
    var rackID: String?
    var client: GroupClient
    var rebalanceTimeout: TimeAmount
    /// The topics that it asks for by name.
    var topicNames: Set<String> = []
    /// The regular expression of the topics that it asks for beside; empty where there is none.
    var pattern = ""
    /// The assignor that it prefers.
    var assignor: PartitionAssignor?
    /// 0 until it is reconciled for the first time, -2 while a static member is away.
    private(set) var epoch: Int32 = 0
    private(set) var previousEpoch: Int32 = -1
    private(set) var state = State.stable
    /// Set while it speaks the classic protocol.
    var classic: ClassicMembership?
    /// What it may use.
    private(set) var assigned = PartitionAssignment()
    /// What it has to give up. Nobody gets any of it before it has.
    private(set) var pendingRevocation = PartitionAssignment()
    /// When its session ends unless it sends something before.
    var sessionDeadline: NIODeadline
    /// When it must have given up ``pendingRevocation``.
    private(set) var rebalanceDeadline: NIODeadline?

    init(id: String, client: GroupClient, now: NIODeadline) {
        self.id = id
        self.client = client
        rebalanceTimeout = .zero
        sessionDeadline = now
    }

    /// A member of a group that spoke the classic protocol until now.
    ///
    /// - Parameters:
    ///   - assigned: What it was told to read.
    ///   - former: What it has, or may have, beside that. Nobody gets any of it before the member has joined without it.
    init(
        _ carried: ClassicMember,
        _ subscription: ConsumerSubscription,
        assigned: PartitionAssignment,
        former: PartitionAssignment,
        now: NIODeadline
    ) {
        id = carried.id
        instanceID = carried.instanceID
        rackID = subscription.rackID
        client = carried.client
        rebalanceTimeout = carried.rebalanceTimeout
        topicNames = Set(subscription.topics)
        epoch = carried.generation
        state = former.isEmpty ? .stable : .unrevokedPartitions
        classic = ClassicMembership(
            sessionTimeout: carried.sessionTimeout,
            protocols: carried.protocols,
            version: subscription.version
        )
        self.assigned = assigned
        pendingRevocation = former
        sessionDeadline = now + carried.sessionTimeout
    }

    /// The same member, restarted: its partitions stay with it, and it learns its epoch anew.
    init(id: String, replacing predecessor: ConsumerGroupMember) {
        self.id = id
        instanceID = predecessor.instanceID
        rackID = predecessor.rackID
        client = predecessor.client
        rebalanceTimeout = predecessor.rebalanceTimeout
        topicNames = predecessor.topicNames
        pattern = predecessor.pattern
        assignor = predecessor.assignor
        assigned = predecessor.assigned
        sessionDeadline = predecessor.sessionDeadline
    }

    /// All that nobody else may get.
    var held: PartitionAssignment {
        pendingRevocation.isEmpty ? assigned : assigned.union(pendingRevocation)
    }

    /// What is kept of it in memory.
    var byteCount: Int {
        let texts = [id, instanceID ?? "", rackID ?? "", pattern].reduce(client.byteCount) { $0 + $1.utf8.count }
        let names = topicNames.reduce(texts) { $0 + $1.utf8.count } + (classic?.byteCount ?? 0)
        return names + assigned.byteCount + pendingRevocation.byteCount
    }

    /// When the group gives it up, as things are.
    var deadline: NIODeadline {
        var next = sessionDeadline
        if let rebalanceDeadline { next = min(next, rebalanceDeadline) }
        if let joinDeadline = classic?.joinDeadline { next = min(next, joinDeadline) }
        if let syncDeadline = classic?.syncDeadline { next = min(next, syncDeadline) }
        return next
    }

    /// A static member says that it stops, and will come back under another id.
    mutating func pause() {
        epoch = ConsumerGroupHeartbeatRequest.pausingEpoch
        pendingRevocation = PartitionAssignment()
        rebalanceDeadline = nil
    }

    var isPaused: Bool { epoch == ConsumerGroupHeartbeatRequest.pausingEpoch }

    /// A member that the group still knows joins again: it has nothing any more.
    mutating func startOver() {
        (epoch, previousEpoch, state) = (0, -1, .stable)
        (assigned, pendingRevocation, rebalanceDeadline) = (PartitionAssignment(), PartitionAssignment(), nil)
    }

    /// What a member is to have.
    struct Target {
        let epoch: Int32
        let partitions: PartitionAssignment
        /// The topics that it reads and that exist. Others are given up, whatever ``partitions`` says.
        let topics: Set<KafkaUUID>
    }

    /// Whether a member of the classic protocol has to join again: for a new epoch, to tell that it has given something up, or
    /// because all that it waits for is free.
    ///
    /// - Parameter othersHold: What no other member has given up yet.
    func mustJoin(
        in groupEpoch: Int32,
        for target: @autoclosure () -> PartitionAssignment,
        othersHold: @autoclosure () -> PartitionAssignment
    ) -> Bool {
        switch state {
        case .unrevokedPartitions: true
        case .stable: epoch < groupEpoch
        case .unreleasedPartitions:
            epoch < groupEpoch || target().subtracting(assigned).isDisjoint(with: othersHold())
        }
    }

    /// Whether nothing is left to do for ``reconcile(to:owned:othersHold:now:)``.
    func isReconciled(to epoch: Int32) -> Bool { state == .stable && self.epoch == epoch }

    /// Goes as far towards the target as the member, and the others, allow.
    ///
    /// - Parameters:
    ///   - owned: What the member says that it has; `nil` where it does not say.
    ///   - othersHold: What no other member has given up yet.
    mutating func reconcile(
        to target: Target,
        owned: PartitionAssignment?,
        othersHold: @autoclosure () -> PartitionAssignment,
        now: NIODeadline
    ) {
        var reached = epoch
        if state == .unrevokedPartitions {
            guard let owned, owned.isDisjoint(with: pendingRevocation) else { return }
            reached = min(epoch + 1, target.epoch)
        }
        let before = self
        let wanted = target.partitions.restricted(to: target.topics)
        let kept = assigned.intersection(wanted)
        let surplus = assigned.subtracting(kept)
        assigned = kept
        if !surplus.isEmpty, owned.map({ !$0.isDisjoint(with: surplus) }) ?? true {
            advance(to: reached)
            (state, pendingRevocation) = (.unrevokedPartitions, surplus)
        } else {
            let missing = wanted.subtracting(kept)
            let free = missing.isEmpty ? missing : missing.subtracting(othersHold())
            assigned = kept.union(free)
            advance(to: target.epoch)
            pendingRevocation = PartitionAssignment()
            state = free.count == missing.count ? .stable : .unreleasedPartitions
        }
        guard self != before else { return }
        rebalanceDeadline = state == .unrevokedPartitions ? now + rebalanceTimeout : nil
    }

    private mutating func advance(to newEpoch: Int32) {
        guard newEpoch != epoch else { return }
        (previousEpoch, epoch) = (epoch, newEpoch)
    }

    /// Whether a heartbeat with this epoch is this member's now. One with the epoch before is, if the member has nothing
    /// but what is its own: the answer that brought the present epoch was lost.
    func accepts(_ received: Int32, owned: PartitionAssignment?) -> Bool {
        if received == epoch { return true }
        return received == previousEpoch && (owned.map { $0.isSubset(of: assigned) } ?? false)
    }
}
