/// What one record changes in a user's account, in 8 bytes: it is kept with each record until its acknowledgement,
/// so that the ground truth can leave out what never arrived.
package struct EventEffect: Equatable, Sendable {
    /// The number in the user's id; 0 where the record has no user (a tombstone).
    package let userNumber: UInt32
    /// The reward, in hundredths of a token; 0 where the record is no behaviour.
    package let earnedHundredths: UInt16
    /// The price, in hundredths of a token; 0 where the record is no prize.
    package let spentHundredths: UInt16

    /// A tombstone's: nothing.
    package static let none = EventEffect(userNumber: 0, earnedHundredths: 0, spentHundredths: 0)

    /// Whether the record has no user, and so no value.
    package var isTombstone: Bool { userNumber == 0 }
}
