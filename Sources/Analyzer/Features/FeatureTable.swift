/// One row a user, as columns: everything the analysis knows of users. Sorted by `id_utente`, bytewise.
///
/// A user is whoever has a record in `utenti` or an event in `comportamenti` or `premi`. Of several records the last in
/// the order of files and lines counts. Without a record, or where the record does not tell, sex, age and province are
/// unknown.
package struct FeatureTable: Sendable {
    /// What one partner gave and took, one entry a user.
    package struct PartnerColumns: Sendable {
        package let name: String
        /// Sum of rewards, in hundredths of a token, and their number.
        package let earned: [Int64]
        package let behaviours: [Int32]
        /// Sum of prices, in hundredths of a token, and their number.
        package let spent: [Int64]
        package let prizes: [Int32]
    }

    package let ids: [String]
    /// Whether the user has a record in `utenti`.
    package let hasRecord: [Bool]
    /// Index into `sexNames`; `nil` is unknown.
    package let sexes: [Int32?]
    package let sexNames: [String]
    /// In years.
    package let ages: [Int16?]
    /// Index into `provinceNames`.
    package let provinces: [Int32?]
    package let provinceNames: [String]
    /// Sorted by name; at most ``Limits/partnersMax`` and those of ``CategoryName``.
    package let partners: [PartnerColumns]
    /// `TOT_tk_guadagnati` and `TOT_tk_spesi`, in hundredths of a token.
    package let earned: [Int64]
    package let spent: [Int64]
    package let behaviours: [Int32]
    package let prizes: [Int32]

    /// How many users there are.
    package var count: Int { ids.count }

    /// Tokens left, in hundredths; below zero where the files lack earlier rewards.
    package func balance(_ user: Int) -> Int64 { earned[user] - spent[user] }

    /// `<PARTNER>_FIDELITY(%)`: the part of a user's tokens that a partner gave, 0–100; `nil` for who earned nothing.
    package func fidelity(_ user: Int, partner: Int) -> Double? {
        earned[user] > 0 ? 100 * Double(partners[partner].earned[user]) / Double(earned[user]) : nil
    }
}
