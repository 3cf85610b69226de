package import KafkaTopics
package import Storage

/// Where the files of one partition lie, and what their names say.
///
///     <topics.dir>/<topic>/<directory>/<topic><d><partition><d><first><d><last>.json       what readers see; the extension is the format's
///     <topics.dir>/<topic>/<directory>/<topic><d><partition><d><first><d><last>.l<n>.json  the same of lineage n > 1
///     <topics.dir>/+tmp/<connector>/<topic>/<partition>/
///         data-<epoch>-<number>.json              records that are being written, or wait to be renamed
///         record-<sequence>-<writer>.json         a commit record that is to get this sequence number
///     <logs.dir>/<connector>/<topic>/<partition>/
///         <sequence>.json                         commit records
///         <sequence>.json.damaged                 those that an operator set aside
///         archive/<thousands>/<sequence>.json     those that were pruned; only the audit reads them
///
/// `d` is `file.delim`; first and last offset are padded with zeros to `filename.offset.zero.pad.width` digits, epoch
/// and sequence to 20, and the number of a data file to 6. An archive directory holds a thousand sequence numbers.
package struct CommitLayout: Hashable, Sendable {
    /// Digits of a sequence number in a name: all that 64 bits can need.
    static let sequenceDigits = 20
    static let numberDigits = 6
    static let suffix = ".json"
    static let damagedSuffix = ".damaged"

    package let partition: TopicPartition
    /// The directory of the topic's final files.
    package let topicDirectory: StoragePath
    /// The directory of this partition's temporary files.
    package let temporaryDirectory: StoragePath
    /// The commit directory of this partition.
    package let recordDirectory: StoragePath
    package let fileDelimiter: String
    package let offsetDigits: Int
    /// What the names of files of records end with, without the dot in front.
    private let fileExtension: String

    /// - Throws: `StorageError` with the code `invalidPath` if a name leads out of the storage.
    package init(
        partition: TopicPartition,
        connector: String,
        topicsDirectory: StoragePath,
        logsDirectory: StoragePath,
        fileDelimiter: String = "_",
        offsetDigits: Int = 10,
        fileExtension: String = ZoneNames.linesExtension
    ) throws(StorageError) {
        let below = "\(connector)/\(partition.topic)/\(partition.partition)"
        self.partition = partition
        topicDirectory = try topicsDirectory.appending(partition.topic)
        temporaryDirectory = try topicsDirectory.appending("+tmp").appending(below)
        recordDirectory = try logsDirectory.appending(below)
        self.fileDelimiter = fileDelimiter
        self.offsetDigits = offsetDigits
        self.fileExtension = fileExtension
    }

    /// The final path of a file with the offsets `first` to `last`, both inclusive, in a directory of the partitioner.
    package func final(
        directory: String,
        first: Int64,
        last: Int64,
        lineage: Int64 = CommitRecord.firstLineage
    ) throws(StorageError) -> StoragePath {
        let name = FinalName(
            partition: partition,
            first: first,
            last: last,
            lineage: lineage,
            fileExtension: fileExtension
        )
        return try topicDirectory.appending(directory)
            .appending(name.text(delimiter: fileDelimiter, offsetDigits: offsetDigits))
    }

    /// The temporary path of the `number`th file of data that the writer of `epoch` begins.
    package func temporaryData(epoch: Int64, number: Int64) throws(StorageError) -> StoragePath {
        let name = "data-\(Self.padded(epoch, Self.sequenceDigits))-\(Self.padded(number, Self.numberDigits))"
        return try temporaryDirectory.appending(name + "." + fileExtension)
    }

    /// The temporary path of a commit record.
    package func temporaryRecord(sequence: Int64, writer: String) throws(StorageError) -> StoragePath {
        let name = "record-\(Self.padded(sequence, Self.sequenceDigits))-\(Self.safe(writer))"
        return try temporaryDirectory.appending(name + Self.suffix)
    }

    /// The path of the commit record with this sequence number.
    package func record(sequence: Int64) throws(StorageError) -> StoragePath {
        try recordDirectory.appending(Self.name(ofSequence: sequence))
    }

    static func name(ofSequence sequence: Int64) -> String { padded(sequence, sequenceDigits) + suffix }

    /// The directory below a commit directory that holds pruned records.
    package static let archiveName = "archive"

    /// The path of the commit record with this sequence number once it is pruned.
    package func archivedRecord(sequence: Int64) throws(StorageError) -> StoragePath {
        try Self.archivedRecord(sequence: sequence, below: recordDirectory)
    }

    /// The same in the commit directory `directory`.
    static func archivedRecord(sequence: Int64, below directory: StoragePath) throws(StorageError) -> StoragePath {
        let thousands = padded(sequence / 1_000, sequenceDigits - 3)
        return try directory.appending("\(archiveName)/\(thousands)/\(padded(sequence, sequenceDigits))\(suffix)")
    }

    /// The sequence number that the name of a commit record says; `nil` if it is not such a name.
    package static func sequence(ofName name: String) -> Int64? {
        guard name.hasSuffix(suffix) else { return nil }
        let digits = name.dropLast(suffix.count)
        guard digits.utf8.count == sequenceDigits, digits.utf8.allSatisfy(isDigit) else { return nil }
        return Int64(digits)
    }

    /// What a name of the temporary directory says; `nil` if this protocol does not make such names.
    package func temporary(named name: String) throws(StorageError) -> TemporaryFile? {
        let parts = name.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let number = Int64(parts[1]) else { return nil }
        let path = try temporaryDirectory.appending(name).string
        switch parts[0] {
        // Whatever its extension: the format may be another one than when the file was begun.
        case "data" where parts[2].contains("."): return TemporaryFile(kind: .data(epoch: number), path: path)
        case "record" where name.hasSuffix(Self.suffix):
            return TemporaryFile(kind: .record(sequence: number), path: path)
        default: return nil
        }
    }

    /// Where the file with this final name ends, and in which lineage; `nil` if it is not a file of this partition.
    package func place(afterFinalName name: String) -> CommitProtocol.FiledPlace? {
        guard let name = FinalName(name, of: partition.topic), name.partition == partition else { return nil }
        return CommitProtocol.FiledPlace(lineage: name.lineage, next: name.last + 1)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// A writer's name as part of a file's name.
    private static func safe(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._".contains($0)) ? $0 : "-" })
    }
}

/// A file under a temporary name, and the takeover that makes it obsolete.
package struct TemporaryFile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Records, written by the writer of this epoch.
        case data(epoch: Int64)
        /// A commit record that was to get this sequence number.
        case record(sequence: Int64)
    }

    package let kind: Kind
    /// The path below the storage's root.
    package let path: String

    package init(kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }

    /// Whether it is obsolete once the writer of `epoch` has taken over.
    ///
    /// Data of an earlier epoch cannot be committed any more, and a record cannot get a sequence number that is taken.
    /// Files of writers after `epoch` stay.
    package func isObsolete(at epoch: Int64) -> Bool {
        switch kind {
        case .data(let of): of < epoch
        case .record(let sequence): sequence <= epoch
        }
    }
}
