/// Why a task gives a partition up.
package enum CloseReason: Hashable, Sendable {
    /// The partition goes to another member, the runner stops, or Kafka no longer has what comes next: there is time to
    /// file what is held in memory.
    case handedOver
    /// The group has already given it to another one: nothing may be filed any more.
    case lost
    /// The runner opens it again at once after an error: what is held in memory is thrown away.
    case abandoned
}
