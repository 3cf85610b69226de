/// Where a group stands; the names are Kafka's.
package enum GroupPhase: Sendable, Equatable {
    /// No members. Offsets may be there all the same.
    case empty
    /// Waits for its members to join the next generation, until the deadline.
    case preparingRebalance(PendingRebalance)
    /// Everybody joined; waits for the leader's assignment.
    case completingRebalance
    /// Everybody has an assignment.
    case stable
    /// Given up: whoever still holds it must look the group up again.
    case dead
}
