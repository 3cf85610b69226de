package import PlainText

/// What the community knows of a user.
package struct UserProfile: Equatable, Sendable {
    package let id: UserID
    package let sex: Sex
    package let birthDate: CalendarDate
    /// Full years at the reference date of the run, 18…90.
    package let age: Int
    package let province: Province
}
