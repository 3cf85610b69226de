/// Partners' names in sentences. Tables and files keep them as they are in the data.
package enum PartnerName {
    /// `HERA` reads better as `Hera`; a name with small letters is left alone.
    package static func readable(_ partner: String) -> String {
        partner == partner.uppercased() ? partner.prefix(1) + partner.dropFirst().lowercased() : partner
    }
}
