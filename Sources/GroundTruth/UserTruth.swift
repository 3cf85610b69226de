/// What a run's records say of one user.
package struct UserTruth: Equatable, Sendable {
    /// `id_utente`.
    package let id: String
    /// Rewards and prices.
    package let sums: TokenSums

    package init(id: String, sums: TokenSums) {
        self.id = id
        self.sums = sums
    }
}
