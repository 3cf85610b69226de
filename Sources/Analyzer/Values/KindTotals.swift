/// One behaviour or prize of a partner.
package struct KindTotals: Equatable, Sendable, Codable {
    package let topic: RawZoneTopic
    package let partner: String
    package let name: String
    package let totals: EventTotals
}
