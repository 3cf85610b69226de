package import KafkaProtocol

/// Partitions by topic: what a member has, is to have, or gives up.
package struct PartitionAssignment: Sendable, Equatable {
    /// Ascending, each once; topics without partitions are not listed.
    package private(set) var topics: [KafkaUUID: [Int32]] = [:]

    package init() {}

    /// Any partitions, in any order; repetitions count once.
    package init(_ partitions: [GroupTopicPartitions]) {
        self.init(partitions.lazy.map { (topic: $0.topicID, partitions: $0.partitions) })
    }

    /// Any partitions, in any order; repetitions count once.
    init(_ partitions: some Sequence<(topic: KafkaUUID, partitions: [Int32])>) {
        for (topic, numbers) in partitions where !numbers.isEmpty { topics[topic, default: []] += numbers }
        // Each once, however many pieces it came in.
        topics = topics.mapValues { Set($0).sorted() }
    }

    package var isEmpty: Bool { topics.isEmpty }

    /// How many partitions there are.
    package var count: Int { topics.values.reduce(0) { $0 + $1.count } }

    /// What they take in memory, about.
    var byteCount: Int { topics.values.reduce(0) { $0 + 96 + 4 * $1.count } }

    /// As messages list them: topics in the order of their ids.
    package var listed: [GroupTopicPartitions] {
        topics.sorted { $0.key.isBefore($1.key) }
            .map { GroupTopicPartitions(topicID: $0.key, partitions: $0.value) }
    }

    package subscript(topic: KafkaUUID) -> [Int32] { topics[topic] ?? [] }

    /// What both have.
    func intersection(_ other: PartitionAssignment) -> PartitionAssignment {
        combined(with: other) { here, there in here && there }
    }

    /// What `other` does not have.
    func subtracting(_ other: PartitionAssignment) -> PartitionAssignment {
        combined(with: other) { here, there in here && !there }
    }

    func union(_ other: PartitionAssignment) -> PartitionAssignment {
        combined(with: other) { here, there in here || there }
    }

    func isDisjoint(with other: PartitionAssignment) -> Bool { intersection(other).isEmpty }

    func isSubset(of other: PartitionAssignment) -> Bool { subtracting(other).isEmpty }

    /// The partitions of these topics.
    func restricted(to topics: Set<KafkaUUID>) -> PartitionAssignment {
        var result = self
        result.topics = result.topics.filter { topics.contains($0.key) }
        return result
    }

    private func combined(
        with other: PartitionAssignment,
        _ keeps: (_ here: Bool, _ there: Bool) -> Bool
    ) -> PartitionAssignment {
        var result = PartitionAssignment()
        for topic in Set(topics.keys).union(other.topics.keys) {
            let (mine, others) = (self[topic], other[topic])
            var kept: [Int32] = []
            var (here, there) = (mine.startIndex, others.startIndex)
            while here < mine.endIndex || there < others.endIndex {
                let isMine = here < mine.endIndex && (there == others.endIndex || mine[here] <= others[there])
                let isOther = there < others.endIndex && (here == mine.endIndex || others[there] <= mine[here])
                if keeps(isMine, isOther) { kept.append(isMine ? mine[here] : others[there]) }
                if isMine { here += 1 }
                if isOther { there += 1 }
            }
            if !kept.isEmpty { result.topics[topic] = kept }
        }
        return result
    }
}

extension KafkaUUID {
    /// The order of the ids as numbers.
    func isBefore(_ other: KafkaUUID) -> Bool {
        (mostSignificant, leastSignificant) < (other.mostSignificant, other.leastSignificant)
    }
}
