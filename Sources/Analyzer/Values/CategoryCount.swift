/// Users with one value of `Sesso` or `Provincia`.
package struct CategoryCount: Equatable, Sendable, Codable {
    package let name: String
    package let users: Int
}
