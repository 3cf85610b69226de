import CommitLedger

/// Explores every interleaving of some writers of the commit protocol, with a crash possible after every step.
///
/// The machine that is explored is the product's own: its answers are only remembered, so that each is computed once.
/// One step is one atomic operation of the file system, the finest grain there is. States are told apart by their
/// hash of 64 bits; to overlook one of ten million has a chance of less than one in a hundred thousand.
struct Explorer {
    /// The size of the space.
    struct Bounds: Sendable {
        /// Offsets of the partition: the one numbered 1 is filtered, the others are filed.
        var offsets: Int64 = 3
        /// The greatest sequence number.
        var sequences: Int64 = 5
        /// How often writers start in all: each once, and anew after crashes and fences.
        var starts: UInt8 = 4
        /// How many answers are lost in all.
        var lost: UInt8 = 0
        var recordsKept: Int64 = 1
        var writers = 2
        /// How often a person decides something in all: a skip of the last offset, or a reset to the offset before.
        var repairs: UInt8 = 0
        var checks: CommitProtocol.Checks = .all
    }

    /// What was found.
    struct Finding {
        var states = 0
        /// How many states had a writer at the end of a takeover, and of a commit: that the space is not empty.
        var takeovers = 0
        var commits = 0
        /// What is wrong at the end of `path`; `nil` where nothing ever is.
        var violation: String?
        var path: [String] = []
    }

    /// How one state comes of another.
    struct Label {
        enum Note: String {
            case step = "", crash, repair, done = "done, answer lost", notDone = "not done, answer lost"
            case late = "sent, answer lost", arrived = "arrives late"
        }

        /// `nil`: a rename that was sent long ago.
        var writer: Int?
        var activity: UInt32
        var note: Note
    }

    struct Answer: Hashable {
        let activity: UInt32
        let event: ModelEvent
    }

    let bounds: Bounds
    var files = Interner<CommitRecord.File>()
    var records = Interner<StoredRecord>()
    var activities = Interner<ModelActivity>()
    /// The step of each activity that is one, by the activity's number.
    var actions: [ModelAction?] = []
    var answers: [Answer: UInt32] = [:]
    /// The contents of the file system, by their hash, from which recovery was tried.
    var recovered: Set<Int> = []
    /// What a procedure that must not end so ended with.
    var failure: String?

    init(_ bounds: Bounds) {
        self.bounds = bounds
    }

    static func isFiltered(_ offset: Int64) -> Bool { offset == 1 }

    /// Goes through all states, breadth first, up to the first violation.
    mutating func run() -> Finding {
        var finding = Finding()
        var start = ModelState()
        for writer in 0..<bounds.writers { start.writers.append(startWriter(writer, &start)) }
        var cameFrom: [Int: (parent: Int, label: Label)] = [:]
        var seen: Set<Int> = [start.hashValue]
        var wave = [start]
        while !wave.isEmpty {
            var next: [ModelState] = []
            for state in wave {
                let parent = state.hashValue
                for (following, label) in successors(of: state) {
                    let key = following.hashValue
                    guard seen.insert(key).inserted else { continue }
                    cameFrom[key] = (parent, label)
                    count(following, in: &finding)
                    if let violation = failure ?? violation(in: following) ?? recoveryViolation(from: following) {
                        finding.states = seen.count
                        finding.violation = violation
                        finding.path = path(to: key, cameFrom)
                        return finding
                    }
                    next.append(following)
                }
            }
            wave = next
        }
        finding.states = seen.count
        return finding
    }

    private func count(_ state: ModelState, in finding: inout Finding) {
        guard let newest = state.records.last else { return }
        if records[newest].record.kind == .commit { finding.commits += 1 } else { finding.takeovers += 1 }
    }

    private func path(to key: Int, _ cameFrom: [Int: (parent: Int, label: Label)]) -> [String] {
        var labels: [Label] = []
        var key = key
        while let (parent, label) = cameFrom[key] {
            labels.append(label)
            key = parent
        }
        return labels.reversed().map { label in
            let what = label.writer.map { "writer \($0): \(activities[label.activity].summary)" } ?? "a rename"
            return "\(what) \(label.note.rawValue)"
        }
    }
}
