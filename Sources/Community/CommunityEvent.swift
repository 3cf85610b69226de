/// One record of the community's stream.
package enum CommunityEvent: Equatable, Sendable {
    /// A user joined.
    case registration(UserProfile)
    /// A user did something that earns a reward.
    case behaviour(Behaviour, by: UserID)
    /// A user bought a prize.
    case prize(Prize, by: UserID)
    /// A record of this topic was due, but no user can have it: its id is empty, so it is sent as a tombstone.
    case withoutUser(CommunityTopic)

    /// Where the record belongs.
    package var topic: CommunityTopic {
        switch self {
        case .registration: .users
        case .behaviour: .behaviours
        case .prize: .prizes
        case .withoutUser(let topic): topic
        }
    }

    /// What the record changes in a user's account.
    package var effect: EventEffect {
        switch self {
        case .registration(let profile):
            EventEffect(userNumber: profile.id.number, earnedHundredths: 0, spentHundredths: 0)
        case .behaviour(let behaviour, let user):
            EventEffect(
                userNumber: user.number,
                earnedHundredths: UInt16(behaviour.rewardHundredths),
                spentHundredths: 0
            )
        case .prize(let prize, let user):
            EventEffect(
                userNumber: user.number,
                earnedHundredths: 0,
                spentHundredths: UInt16(prize.price.hundredths)
            )
        case .withoutUser:
            .none
        }
    }
}

/// What one record changes in a user's account, in 8 bytes: it is kept with each record until its acknowledgement,
/// so that the ground truth can leave out what never arrived.
package struct EventEffect: Equatable, Sendable {
    /// The number in the user's id; 0 where the record has no user (a tombstone).
    package let userNumber: UInt32
    /// The reward, in hundredths of a token; 0 unless the record is a behaviour.
    package let earnedHundredths: UInt16
    /// The price, in hundredths of a token; 0 unless the record is a prize.
    package let spentHundredths: UInt16

    /// A tombstone's: nothing.
    package static let none = EventEffect(userNumber: 0, earnedHundredths: 0, spentHundredths: 0)

    /// Whether the record has no user, and so no value.
    package var isTombstone: Bool { userNumber == 0 }
}
