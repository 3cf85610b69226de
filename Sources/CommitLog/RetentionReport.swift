/// What retention deleted, and what it did not.
package struct RetentionReport: Hashable, Sendable {
    package internal(set) var segmentsDeleted = 0
    package internal(set) var bytesDeleted = 0
    /// The offset of the oldest record that is kept now.
    package internal(set) var logStartOffset: Int64
    /// Whether records whose time is over are kept, as a ``RetentionHold`` asks.
    package internal(set) var isHeld = false
    /// Records that a ``RetentionHold`` asked to keep, and that were deleted as its bound was passed.
    package internal(set) var recordsDeletedUnread: Int64 = 0
}

/// Keeps records beyond their retention for a reader that has not come to them.
package struct RetentionHold: Hashable, Sendable {
    /// Records from this offset on are kept.
    package let offset: Int64
    /// How long after their retention: they are deleted then all the same.
    package let milliseconds: Int64

    package init(offset: Int64, milliseconds: Int64) {
        self.offset = offset
        self.milliseconds = milliseconds
    }
}
