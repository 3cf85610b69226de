import Analysis

/// A behaviour or prize of a partner, by the numbers of their names.
struct KindKey: Hashable, Sendable {
    let topic: RawZoneTopic
    let partner: Int
    let name: Int
}
