package import KafkaProtocol

/// Divides the partitions of topics among the members that read them; called by the names that Kafka's own assignors have.
package enum PartitionAssignor: String, CaseIterable, Sendable {
    /// As many partitions for each, moving as few as possible.
    case uniform
    /// Of each topic a stretch of neighbours for each: topics with equal counts are divided equally, for joins.
    case range

    /// A member, to this end.
    package struct Member: Sendable {
        package let id: String
        /// A static member keeps its place in the order.
        let instanceID: String?
        /// Those that exist.
        package let topics: Set<KafkaUUID>
        /// What it was to have before.
        let before: PartitionAssignment

        package init(id: String, instanceID: String? = nil, topics: Set<KafkaUUID>, before: PartitionAssignment) {
            self.id = id
            self.instanceID = instanceID
            self.topics = topics
            self.before = before
        }

        fileprivate func isBefore(_ other: Member) -> Bool {
            switch (instanceID, other.instanceID) {
            case (let mine?, let others?): mine < others
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): id < other.id
            }
        }
    }

    /// The members' partitions by member; all partitions that anybody reads are somebody's.
    ///
    /// - Parameter partitionCounts: Of all topics that members read.
    package func assignment(
        of partitionCounts: [KafkaUUID: Int32],
        to members: [Member]
    ) -> [String: PartitionAssignment] {
        let ordered = members.sorted { $0.isBefore($1) }
        var readers: [KafkaUUID: [Int]] = [:]
        for (place, member) in ordered.enumerated() {
            for topic in member.topics { readers[topic, default: []].append(place) }
        }
        let topics = readers.keys.sorted { $0.isBefore($1) }.map { topic in
            ReadTopic(id: topic, partitionCount: partitionCounts[topic] ?? 0, readers: readers[topic] ?? [])
        }
        let divided: [PartitionAssignment]
        switch self {
        case .uniform: divided = UniformDivision(topics, ordered).result
        case .range: divided = Self.ranges(topics, memberCount: ordered.count)
        }
        return Dictionary(uniqueKeysWithValues: zip(ordered.map(\.id), divided))
    }

    /// A topic with the places of the members that read it.
    fileprivate struct ReadTopic {
        let id: KafkaUUID
        let partitionCount: Int32
        let readers: [Int]
    }

    private static func ranges(_ topics: [ReadTopic], memberCount: Int) -> [PartitionAssignment] {
        var stretches = [[(topic: KafkaUUID, partitions: [Int32])]](repeating: [], count: memberCount)
        for topic in topics {
            let (share, rest) = Int(topic.partitionCount).quotientAndRemainder(dividingBy: topic.readers.count)
            var next = 0
            for (number, place) in topic.readers.enumerated() {
                let end = next + share + (number < rest ? 1 : 0)
                stretches[place].append((topic.id, (next..<end).map(Int32.init)))
                next = end
            }
        }
        return stretches.map { PartitionAssignment($0) }
    }
}

/// The work of ``PartitionAssignor/uniform``: everybody keeps what it had, and what nobody has goes to those with the least.
///
/// Where all read the same topics, everybody has its share, and whoever had more gives up the rest: that takes time linear in
/// the partitions. Where they do not, single partitions move from those with most to those with least, topic by topic.
private struct UniformDivision {
    /// How often all topics are gone through for moves: each pass makes the division better, and few are needed.
    private static let passesMax = 16

    private let topics: [PartitionAssignor.ReadTopic]
    /// By member's place: its partitions by topic's place.
    private var held: [[Int: [Int32]]]
    /// By member's place: how many partitions it has.
    private var loads: [Int]
    /// By topic's place: partitions that nobody has.
    private var free: [[Int32]] = []

    init(_ topics: [PartitionAssignor.ReadTopic], _ members: [PartitionAssignor.Member]) {
        self.topics = topics
        held = Array(repeating: [:], count: members.count)
        loads = Array(repeating: 0, count: members.count)
        for (number, topic) in topics.enumerated() {
            var left = Set(0..<topic.partitionCount)
            for place in topic.readers {
                let kept = members[place].before[topic.id].filter { left.remove($0) != nil }
                guard !kept.isEmpty else { continue }
                held[place][number] = kept
                loads[place] += kept.count
            }
            free.append(left.sorted())
        }
        guard !topics.allSatisfy({ $0.readers.count == members.count }) else {
            divideEqually()
            return
        }
        // Topics with few readers first: their partitions have no other place.
        for number in topics.indices.sorted(by: { topics[$0].readers.count < topics[$1].readers.count }) {
            for partition in free[number] {
                guard let place = topics[number].readers.min(by: { loads[$0] < loads[$1] }) else { continue }
                give(partition, of: number, to: place)
            }
        }
        for _ in 0..<Self.passesMax where !balance() { break }
    }

    var result: [PartitionAssignment] {
        held.map { PartitionAssignment($0.map { (topic: topics[$0].id, partitions: $1) }) }
    }

    private mutating func give(_ partition: Int32, of topic: Int, to place: Int) {
        held[place][topic, default: []].append(partition)
        loads[place] += 1
    }

    private mutating func divideEqually() {
        let total = topics.reduce(0) { $0 + Int($1.partitionCount) }
        guard !loads.isEmpty else { return }
        let (share, rest) = total.quotientAndRemainder(dividingBy: loads.count)
        // The remainder stays with those that have it.
        let order = loads.indices.sorted { (loads[$1], $0) < (loads[$0], $1) }
        var wanting: [(place: Int, count: Int)] = []
        for (rank, place) in order.enumerated() {
            let wanted = share + (rank < rest ? 1 : 0)
            if loads[place] < wanted { wanting.append((place, wanted - loads[place])) }
            for number in topics.indices.reversed() {
                while loads[place] > wanted, let partition = held[place][number]?.popLast() {
                    free[number].append(partition)
                    loads[place] -= 1
                }
            }
        }
        for number in topics.indices {
            for partition in free[number] {
                guard let last = wanting.indices.last else { return }
                give(partition, of: number, to: wanting[last].place)
                wanting[last].count -= 1
                if wanting[last].count == 0 { wanting.removeLast() }
            }
        }
    }

    /// Moves partitions of each topic from its most loaded owners to its least loaded readers.
    ///
    /// - Returns: whether any moved.
    private mutating func balance() -> Bool {
        var hasMoved = false
        for (number, topic) in topics.enumerated() {
            while let least = topic.readers.min(by: { loads[$0] < loads[$1] }),
                let most = topic.readers.filter({ held[$0][number]?.isEmpty == false })
                    .max(by: { loads[$0] < loads[$1] }),
                loads[most] > loads[least] + 1, let partition = held[most][number]?.popLast()
            {
                held[least][number, default: []].append(partition)
                loads[most] -= 1
                loads[least] += 1
                hasMoved = true
            }
        }
        return hasMoved
    }
}
