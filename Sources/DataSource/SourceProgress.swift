/// How far a run is.
package struct SourceProgress: Equatable, Sendable {
    /// Records that were given to the producers.
    package let sentCount: Int
    /// Of them, acknowledged.
    package let acknowledgedCount: Int
    /// How many there will be; `nil`: no end.
    package let totalCount: Int?
    /// Since the beginning.
    package let elapsed: Duration
}
