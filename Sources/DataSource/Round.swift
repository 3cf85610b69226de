import Community

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
