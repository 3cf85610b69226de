import CommitLedger

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
