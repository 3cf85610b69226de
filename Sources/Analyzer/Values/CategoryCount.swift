/// Users with one value of `Sesso` or `Provincia`.
package struct CategoryCount: Equatable, Sendable, Codable {
    /// The value, or one of ``CategoryName``.
    package let name: String
    package let users: Int

    package init(name: String, users: Int) {
        self.name = name
        self.users = users
    }
}

/// The names under which events count whose partner, behaviour or prize has no name of its own in the report. A value
/// that really reads so counts with them.
package enum CategoryName {
    /// The field is missing, null, empty, not a text, or too long to keep.
    package static let unknown = "(unknown)"
    /// There are more different values than the report has room for, and this one is not among the most frequent.
    package static let other = "(other)"

    package static func isReserved(_ name: String) -> Bool {
        name == unknown || name == other
    }
}
