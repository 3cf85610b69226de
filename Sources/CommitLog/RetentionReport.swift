/// What retention deleted.
package struct RetentionReport: Hashable, Sendable {
    package internal(set) var segmentsDeleted = 0
    package internal(set) var bytesDeleted = 0
    /// The offset of the oldest record that is kept now.
    package internal(set) var logStartOffset: Int64
}
