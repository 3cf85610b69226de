extension CommitProtocol {
    /// What the shell has to do next. Each is one atomic step of the file system, or the end of a procedure.
    package enum Action: Hashable, Sendable {
        /// List the sequence numbers of the commit directory: `.listed`.
        case listRecords
        /// Read a record: `.read`.
        case readRecord(sequence: Int64)
        /// Find the greatest lineage and offset among final names: `.scanned`. Asked only where there is no record at all.
        case scanFinalNames
        /// Write a record to its temporary name, close it, check its length: `.written`.
        case writeRecord(CommitRecord)
        /// Rename a written record to its sequence number without replacing: `.renamed` or `.answerLost`.
        case placeRecord(CommitRecord)
        /// Rename a file of a commit to its final name without replacing: `.renamed` or `.answerLost`.
        case publish(CommitRecord.File)
        /// See which of the two names of a file exist: `.looked`.
        case look(CommitRecord.File)
        /// List this partition's temporary files: `.listedTemporaries`.
        case listTemporaries
        /// Delete a temporary file, as well as that is possible: `.deleted`.
        case deleteTemporary(TemporaryFile)
        /// Delete the temporary file of a record, as well as that is possible: `.deleted`.
        case deleteTemporaryRecord(CommitRecord)
        /// Delete a record, as well as that is possible: `.deleted`.
        case deleteRecord(sequence: Int64)
        /// Take an old record out of the commit directory, as well as that is possible: `.deleted`. The protocol needs it
        /// no more; the shell keeps it for the audit.
        case pruneRecord(sequence: Int64)

        /// The end of a takeover, with its record: data may be written under its epoch and lineage from its `next` on
        /// (`nil`: no place is known).
        case tookOver(CommitRecord)
        /// The end of a commit or repair: it is durable and its files have their final names.
        case committed(CommitRecord)
        /// The end: another writer took the partition over; what this one held is dropped.
        case fenced
        /// The end: the procedure cannot go on; what is on disk is left for the next takeover.
        case stopped(Problem)
    }

    /// What came of an action.
    package enum Event: Hashable, Sendable {
        case listed([Int64])
        /// The record, or `nil` where none has that sequence number.
        case read(StoredRecord?)
        /// What final names say, if there is any.
        case scanned(FiledPlace?)
        /// The digest of the bytes that were written.
        case written(digest: String)
        /// Whether the rename was done by this very call.
        case renamed(Bool)
        /// No answer came: the rename may be done, may not be, or may be done later.
        case answerLost
        case looked(temporary: Bool, final: Bool)
        case listedTemporaries([TemporaryFile])
        case deleted
        /// The file system could not do it.
        case failed(Problem)
    }

    /// Where the files of a partition end, by their names alone.
    package struct FiledPlace: Hashable, Sendable {
        /// The greatest lineage among the names: later files must get names of this one, or they would collide.
        package var lineage: Int64
        /// The offset behind the greatest one of that lineage.
        package var next: Int64

        package init(lineage: Int64 = CommitRecord.firstLineage, next: Int64) {
            self.lineage = lineage
            self.next = next
        }
    }

    /// Why a procedure cannot go on.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// Whether it may go better later without anybody's help.
        package let isRetriable: Bool
        /// What, where, why, and what to do next.
        package let description: String

        package init(isRetriable: Bool, _ description: String) {
            self.isRetriable = isRetriable
            self.description = description
        }
    }

    /// The parts of the protocol that a test may leave out in order to see that they are needed.
    package struct Checks: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The second list after a takeover record was placed.
        package static let listAfterTakeover = Checks(rawValue: 1)
        /// The second list after a commit record was placed.
        package static let listAfterCommit = Checks(rawValue: 2)
        /// Sweeping the temporary files of earlier epochs only.
        package static let epochs = Checks(rawValue: 4)
        /// Finishing the renames of the newest record at a takeover.
        package static let finishing = Checks(rawValue: 8)
        /// Reading back after a lost answer, instead of taking it for a refusal.
        package static let readingBack = Checks(rawValue: 16)
        /// The second list after the newest record was read.
        package static let listAfterReading = Checks(rawValue: 32)

        package static let all: Checks = [
            .listAfterReading, .listAfterTakeover, .listAfterCommit, .epochs, .finishing, .readingBack,
        ]
    }
}
