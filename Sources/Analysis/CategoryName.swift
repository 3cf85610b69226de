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

/// Partners' names in sentences. Tables and files keep them as they are in the data.
package enum PartnerName {
    /// `HERA` reads better as `Hera`; a name with small letters is left alone.
    package static func readable(_ partner: String) -> String {
        partner == partner.uppercased() ? partner.prefix(1) + partner.dropFirst().lowercased() : partner
    }
}
