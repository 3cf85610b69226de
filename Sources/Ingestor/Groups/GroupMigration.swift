import KafkaProtocol
import NIOCore

/// Which protocols the members of a group with members may change to (`group.consumer.migration.policy`), and the change from
/// the classic one to that of KIP-848.
///
/// A group is *upgraded* when the first member of KIP-848 joins: its classic members stay, with what they read, and are served
/// by the other machine from then on. It is *downgraded* when the last member of KIP-848 is gone. Whatever the policy is,
/// classic members may join a group of the other protocol, as in Kafka.
package enum GroupMigrationPolicy: String, CaseIterable, Sendable {
    case bidirectional, upgrade, downgrade, disabled

    package var allowsUpgrade: Bool { self == .bidirectional || self == .upgrade }

    package var allowsDowngrade: Bool { self == .bidirectional || self == .downgrade }
}

extension ConsumerGroupStateMachine {
    /// Why a group of the classic protocol cannot take a member of the other one.
    struct UpgradeRefusal: Error {
        let reason: String
    }

    /// Kafka's own assignors. What others add to their assignments would be lost.
    private static let knownAssignors: Set = ["range", "roundrobin", "sticky", "cooperative-sticky"]

    /// The group that a classic one becomes, with its members in it.
    init(
        settings: GroupSettings,
        upgrading group: GroupStateMachine,
        _ view: TopicView,
        now: NIODeadline
    ) throws(UpgradeRefusal) {
        let members = group.carried.members
        guard !members.isEmpty else {
            self.init(settings: settings)
            return
        }
        guard settings.migrationPolicy.allowsUpgrade else {
            throw UpgradeRefusal(
                reason:
                    "group.consumer.migration.policy is \(settings.migrationPolicy.rawValue): stop the members of the "
                    + "classic protocol first"
            )
        }
        guard group.protocolType == ConsumerSubscription.protocolType else {
            throw UpgradeRefusal(reason: "its members are no consumers, but of the type '\(group.protocolType ?? "")'")
        }
        let isKnown = group.protocolName.map(Self.knownAssignors.contains) ?? true
        var carried: [(member: ClassicMember, subscription: ConsumerSubscription, assignment: ConsumerAssignment)] = []
        for member in members {
            guard let subscription = ClassicMembership.subscription(in: member.protocols),
                let assignment = try? ConsumerAssignment(member.assignment)
            else {
                throw UpgradeRefusal(reason: "what its member \(member.id) subscribes to or has cannot be read")
            }
            guard isKnown || !assignment.hasAddition else {
                throw UpgradeRefusal(
                    reason:
                        "its assignor '\(group.protocolName ?? "")' adds to assignments what would be lost: switch to one "
                        + "of Kafka's own first"
                )
            }
            carried.append((member, subscription, assignment))
        }
        self.init(settings: settings, taking: carried, generation: group.generation, view, now: now)
    }
}
