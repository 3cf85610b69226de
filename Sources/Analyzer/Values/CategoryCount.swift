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
