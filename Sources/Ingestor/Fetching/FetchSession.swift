import KafkaProtocol

/// What a client reads, kept between its requests (KIP-227): they name only what changes, and answers have only what is new.
///
/// A pure state machine of one session. A request with epoch 0 begins one, and each one after it has the next epoch. While
/// one is answered the session takes no other, so that a session costs its memory once however many connections name it.
struct FetchSession: Sendable {
    /// A partition of the session.
    private struct Slot {
        var key: Key
        var wanted: FetchRequest.Partition
        /// What the client was told last; -1 where it was told nothing or an error, so that it is told the next time.
        var highWatermark: Int64 = -1
        var logStartOffset: Int64 = -1
    }

    private struct Key: Hashable {
        let name: String
        let id: KafkaUUID
        let partition: Int32
    }

    /// What a partition takes in memory, beside the bytes of its topic's name.
    private static let partitionByteCount = 200

    let id: Int32
    /// Whether its requests name topics by their ids. That cannot change.
    let usesTopicIDs: Bool
    /// The epoch of the next request.
    private(set) var epoch: Int32 = 0
    /// Whether a request is being answered.
    private(set) var isBusy = false
    /// The memory that it takes.
    private(set) var byteCount = 0
    private var slots: [Slot?] = []
    private var places: [Key: Int] = [:]
    /// The places of slots in the order in which they are read: those that had records last come last.
    private var order: [Int] = []
    private var free: [Int] = []

    /// A session that `request` begins.
    init(id: Int32, _ request: FetchRequest, usesTopicIDs: Bool) {
        self.id = id
        self.usesTopicIDs = usesTopicIDs
        update(request)
        begin()
    }

    /// The number of its partitions.
    var partitionCount: Int { order.count }

    /// Takes the next request.
    ///
    /// - Returns: why it is refused; then nothing has changed.
    mutating func take(_ request: FetchRequest, usesTopicIDs: Bool) -> ErrorCode? {
        guard !isBusy, request.sessionEpoch == epoch else { return .invalidFetchSessionEpoch }
        guard usesTopicIDs == self.usesTopicIDs else { return .fetchSessionTopicIDError }
        update(request)
        begin()
        return nil
    }

    private mutating func begin() {
        isBusy = true
        epoch = epoch == .max ? 1 : epoch + 1
    }

    private mutating func update(_ request: FetchRequest) {
        for topic in request.topics {
            for wanted in topic.partitions {
                let key = Key(name: topic.name, id: topic.id, partition: wanted.partition)
                if let place = places[key] {
                    slots[place]?.wanted = wanted
                } else {
                    add(Slot(key: key, wanted: wanted))
                }
            }
        }
        var forgotten: Set<Int> = []
        for topic in request.forgottenTopics {
            for partition in topic.partitions {
                let key = Key(name: topic.name, id: topic.id, partition: partition)
                guard let place = places.removeValue(forKey: key) else { continue }
                forgotten.insert(place)
                slots[place] = nil
                byteCount -= Self.byteCount(of: key)
            }
        }
        guard !forgotten.isEmpty else { return }
        order.removeAll { forgotten.contains($0) }
        free += forgotten
    }

    private mutating func add(_ slot: Slot) {
        let place = free.popLast() ?? slots.count
        if place == slots.count { slots.append(slot) } else { slots[place] = slot }
        places[slot.key] = place
        order.append(place)
        byteCount += Self.byteCount(of: slot.key)
    }

    private static func byteCount(of key: Key) -> Int { partitionByteCount + key.name.utf8.count }

    /// `request` with all partitions of the session, in the order in which they are to be read.
    func whole(_ request: FetchRequest) -> FetchRequest {
        var whole = request
        whole.topics = []
        whole.forgottenTopics = []
        for place in order {
            guard let slot = slots[place] else { continue }
            if let last = whole.topics.last, last.name == slot.key.name, last.id == slot.key.id {
                whole.topics[whole.topics.count - 1].partitions.append(slot.wanted)
            } else {
                whole.topics.append(.init(name: slot.key.name, id: slot.key.id, partitions: [slot.wanted]))
            }
        }
        return whole
    }

    /// The request is answered, by `response` to ``whole(_:)``: what the client knows is taken out of it.
    mutating func answered(by response: inout FetchResponse, isFirst: Bool) {
        isBusy = false
        response.sessionID = id
        var next = order.startIndex
        var withRecords: [Int] = []
        var others: [Int] = []
        var topics: [FetchResponse.Topic] = []
        for topic in response.topics {
            var kept: [FetchResponse.Partition] = []
            for partition in topic.partitions {
                let place = order[next]
                next += 1
                if partition.records.isEmpty { others.append(place) } else { withRecords.append(place) }
                if note(partition, at: place) || isFirst { kept.append(partition) }
            }
            if !kept.isEmpty { topics.append(.init(name: topic.name, id: topic.id, partitions: kept)) }
        }
        response.topics = topics
        order = others + withRecords
    }

    /// Notes what the client is told of a partition; returns whether it is anything new.
    private mutating func note(_ partition: FetchResponse.Partition, at place: Int) -> Bool {
        guard var slot = slots[place] else { return false }
        let isNew =
            !partition.records.isEmpty || partition.errorCode != .none || partition.divergingEpoch != nil
            || partition.highWatermark != slot.highWatermark || partition.logStartOffset != slot.logStartOffset
        slot.highWatermark = partition.errorCode == .none ? partition.highWatermark : -1
        slot.logStartOffset = partition.logStartOffset
        slots[place] = slot
        return isNew
    }
}
