import Community
import KafkaClient

/// A parcel that a producer has taken: what is needed once its fate is known.
struct PendingParcel: Sendable {
    let topic: CommunityTopic
    /// By record of the parcel: 8 bytes each, while the record is on its way.
    let effects: [EventEffect]
    let delivery: BatchDelivery
}
