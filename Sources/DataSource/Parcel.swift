import Community
import GroundTruth
import KafkaClient

/// Records of one topic for one producer, with what the ground truth needs to know of each.
struct Parcel: Sendable {
    let topic: CommunityTopic
    private(set) var batch: OutgoingBatch
    /// By record of the batch.
    private(set) var traces: [RecordTrace] = []
    private(set) var tally: TopicTally
    private let isDetailed: Bool

    /// - Parameter isDetailed: whether the ground truth tells hours, bad records and digests.
    init(topic: CommunityTopic, records: Int, isDetailed: Bool) {
        self.topic = topic
        self.isDetailed = isDetailed
        tally = TopicTally(isDetailed: isDetailed)
        batch = OutgoingBatch(
            topic: topic.name,
            records: records,
            byteCount: records * Limits.recordBytesTypical
        )
        traces.reserveCapacity(records)
    }

    var isEmpty: Bool { batch.isEmpty }

    /// Adds a record.
    ///
    /// - Parameter timestamp: its time; `nil`: that of its sending.
    mutating func append(
        _ record: CommunityRecord,
        key: [UInt8],
        partition: Int,
        timestamp: Int64?,
        encoder: EventEncoder
    ) {
        batch.append(partition: Int32(truncatingIfNeeded: partition), timestamp: timestamp) { bytes in
            bytes.append(contentsOf: key)
            return true
        } value: { bytes in
            encoder.appendValue(of: record, key: key, to: &bytes)
        }
        let effect = record.effect
        let trace = RecordTrace(
            effect: effect,
            partition: Int32(truncatingIfNeeded: partition),
            hour: timestamp.map { RecordTimes.hour(of: $0) },
            term: isDetailed && effect.isFiled ? batch.withLastValue(LineDigest.term) : 0
        )
        traces.append(trace)
        tally.add(trace)
    }

    /// Empties it and keeps its memory.
    mutating func removeAll() {
        batch.removeAll()
        traces.removeAll(keepingCapacity: true)
        tally.removeAll()
    }
}

/// Records that were made in one go, sorted by the producer that sends them.
struct Round: Sendable {
    private let laneCount: Int
    /// By producer, then by topic.
    private var parcels: [Parcel]

    init(laneCount: Int, records: Int = Limits.roundRecordsMax, isDetailed: Bool) {
        self.laneCount = laneCount
        parcels = (0..<laneCount).flatMap { _ in
            CommunityTopic.allCases.map { Parcel(topic: $0, records: records / laneCount, isDetailed: isDetailed) }
        }
    }

    /// What the producer of `lane` has to send.
    func parcels(of lane: Int) -> ArraySlice<Parcel> {
        let topics = CommunityTopic.allCases.count
        return parcels[lane * topics..<(lane + 1) * topics]
    }

    /// Adds a record.
    mutating func append(
        _ record: CommunityRecord,
        key: [UInt8],
        partition: Int,
        timestamp: Int64?,
        lane: Int,
        encoder: EventEncoder
    ) {
        let place = lane * CommunityTopic.allCases.count + record.topic.index
        parcels[place].append(record, key: key, partition: partition, timestamp: timestamp, encoder: encoder)
    }

    /// Empties it and keeps its memory.
    mutating func removeAll() {
        for index in parcels.indices { parcels[index].removeAll() }
    }
}

/// A parcel that a producer has taken: what is needed once its fate is known.
struct PendingParcel: Sendable {
    let topic: CommunityTopic
    /// By record of the parcel: 24 bytes each, while the record is on its way.
    let traces: [RecordTrace]
    /// Its records without a time of their own.
    let undated: RecordTotals
    /// The hour in which all of these were sent; `nil`: not known.
    let hour: Int32?
    let delivery: BatchDelivery
}
