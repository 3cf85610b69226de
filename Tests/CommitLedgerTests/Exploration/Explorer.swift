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
        /// Whether such a decision is `hera reset` instead: it gives up what is filed, and the next offset unfiled.
        var empties = false
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
            case step = "", crash, repair, deletion = "deletes a file", done = "done, answer lost", notDone =
                "not done, answer lost"
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

/// The file system and both writers at one moment. Files, records and what writers do are numbers given by `Explorer`.
struct ModelState: Hashable {
    /// A rename that was sent and whose answer was lost: it may be done at any later time.
    enum Late: Hashable {
        case place(UInt32)
        case publish(UInt32)
    }

    /// Stored records that have their sequence number, in the order of these numbers.
    var records: [UInt32] = []
    /// Stored records under temporary names, sorted.
    var temporaryRecords: [UInt32] = []
    /// Files of data under temporary names, sorted.
    var temporaries: [UInt32] = []
    /// Files of data under final names, sorted.
    var finals: [UInt32] = []
    var late: [Late] = []
    /// What each writer is about to do.
    var writers: [UInt32] = []
    /// How often writers were started in all.
    var starts: UInt8 = 0
    /// How many answers were lost.
    var lost: UInt8 = 0
    /// How many repairs were begun.
    var repairs: UInt8 = 0

    mutating func insert(_ number: UInt32, into path: WritableKeyPath<ModelState, [UInt32]>) {
        let place = self[keyPath: path].firstIndex { $0 > number } ?? self[keyPath: path].endIndex
        self[keyPath: path].insert(number, at: place)
    }

    /// Whether it was there.
    @discardableResult
    mutating func remove(_ number: UInt32, from path: WritableKeyPath<ModelState, [UInt32]>) -> Bool {
        guard let place = self[keyPath: path].firstIndex(of: number) else { return false }
        self[keyPath: path].remove(at: place)
        return true
    }
}

/// What a writer is about to do.
enum ModelActivity: Hashable {
    /// One step of the protocol.
    case step(CommitProtocol, CommitProtocol.Action)
    /// It may begin a commit.
    case running(CommitProtocol)
    /// It writes the files of a commit; so many are written.
    case writing(CommitProtocol, CommitProposal, filesWritten: Int)
}

extension ModelActivity {
    /// For the path to a violation.
    var summary: String {
        switch self {
        case .step(let machine, let action): "\(machine.writer) \(String(describing: action).prefix(200))"
        case .running(let machine): "\(machine.writer) begins to write"
        case .writing(let machine, let proposal, let written):
            "\(machine.writer) writes \(proposal.files[written].temporary) for \(proposal.files[written].final)"
        }
    }
}

/// A step of the protocol in numbers.
enum ModelAction {
    case list
    case read(sequence: Int64)
    case scan
    case write(UInt32)
    case place(UInt32)
    case publish(UInt32)
    case look(UInt32)
    case listTemporaries
    case deleteTemporary(path: String)
    case deleteTemporaryRecord(UInt32)
    case deleteRecord(sequence: Int64)
}

/// What came of a step, in numbers: the key under which the machine's answer is remembered.
enum ModelEvent: Hashable {
    case listed([Int64])
    case read(UInt32?)
    case scanned(Int64?)
    case written(UInt32)
    case renamed(Bool)
    case answerLost
    case looked(temporary: Bool, final: Bool)
    case listedTemporaries(files: [UInt32], records: [UInt32])
    case deleted
}

/// Gives equal values one small number, so that a state is a few numbers.
struct Interner<Value: Hashable> {
    private var numbers: [Value: UInt32] = [:]
    private(set) var values: [Value] = []

    /// The number of `value`, and whether it is new.
    mutating func number(of value: Value) -> (number: UInt32, isNew: Bool) {
        if let known = numbers[value] { return (known, false) }
        let number = UInt32(values.count)
        numbers[value] = number
        values.append(value)
        return (number, true)
    }

    subscript(number: UInt32) -> Value { values[Int(number)] }
}
