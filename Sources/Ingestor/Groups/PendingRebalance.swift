package import NIOCore

/// A rebalance that waits for members.
package struct PendingRebalance: Sendable, Equatable {
    /// When it is closed with those who are there.
    package var deadline: NIODeadline
    /// Set while the first rebalance of an empty group collects members: how much longer it may be put off.
    package var extensionLeft: TimeAmount?
    /// Whether somebody came since it was last put off.
    package var memberArrived = false

    package init(deadline: NIODeadline, extensionLeft: TimeAmount? = nil) {
        self.deadline = deadline
        self.extensionLeft = extensionLeft
    }
}
