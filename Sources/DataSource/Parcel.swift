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

/// Records that were made in one go, sorted by the producer that sends them.
struct Round: Sendable {
    private let laneCount: Int
    /// By producer, then by topic.
    private var parcels: [Parcel]

    init(laneCount: Int, records: Int = Limits.roundRecordsMax) {
        self.laneCount = laneCount
        parcels = (0..<laneCount).flatMap { _ in
            CommunityTopic.allCases.map { Parcel(topic: $0, records: records / laneCount) }
        }
    }

    /// What the producer of `lane` has to send.
    func parcels(of lane: Int) -> ArraySlice<Parcel> {
        let topics = CommunityTopic.allCases.count
        return parcels[lane * topics..<(lane + 1) * topics]
    }

    /// Adds a record.
    mutating func append(
        _ event: CommunityEvent,
        key: [UInt8],
        partition: Int,
        lane: Int,
        encoder: EventEncoder
    ) {
        let place = lane * CommunityTopic.allCases.count + event.topic.index
        parcels[place].append(event, key: key, partition: partition, encoder: encoder)
    }

    /// Empties it and keeps its memory.
    mutating func removeAll() {
        for index in parcels.indices { parcels[index].removeAll() }
    }
}

/// A parcel that a producer has taken: what is needed once its fate is known.
struct PendingParcel: Sendable {
    let topic: CommunityTopic
    /// By record of the parcel: 8 bytes each, while the record is on its way.
    let effects: [EventEffect]
    let delivery: BatchDelivery
}
