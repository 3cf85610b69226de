/// Users of a few years of age.
package struct AgeBand: Equatable, Sendable, Codable {
    /// Years in a band.
    package static let width = 5

    /// The youngest age in it, in years; a multiple of ``width``.
    package let from: Int
    package let users: Int
}
