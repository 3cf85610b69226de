import Community
import GroundTruth
import KafkaClient

/// Records of one topic for one producer, with what the ground truth needs to know of each.
struct Parcel: Sendable {
    let topic: CommunityTopic
    private(set) var batch: OutgoingBatch
    /// By record of the batch.
    private(set) var effects: [EventEffect] = []
    private(set) var totals = RecordTotals()

    init(topic: CommunityTopic, records: Int) {
        self.topic = topic
        batch = OutgoingBatch(
            topic: topic.name,
            records: records,
            byteCount: records * Limits.recordBytesTypical
        )
        effects.reserveCapacity(records)
    }

    var isEmpty: Bool { batch.isEmpty }

    /// Adds a record.
    mutating func append(_ event: CommunityEvent, key: [UInt8], partition: Int, encoder: EventEncoder) {
        batch.append(partition: Int32(truncatingIfNeeded: partition)) { bytes in
            bytes.append(contentsOf: key)
            return true
        } value: { bytes in
            encoder.appendValue(of: event, key: key, to: &bytes)
        }
        let effect = event.effect
        effects.append(effect)
        totals.add(effect)
    }

    /// Empties it and keeps its memory.
    mutating func removeAll() {
        batch.removeAll()
        effects.removeAll(keepingCapacity: true)
        totals = RecordTotals()
    }
}
