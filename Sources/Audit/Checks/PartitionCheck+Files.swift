import CommitLedger
import KafkaTopics

extension PartitionCheck {
    /// Each file that a record names is there and holds exactly what was filed.
    mutating func checkKnownFiles(_ commits: CommitEvidence) {
        let found = Dictionary(evidence.files.map { ($0.path, $0.scan) }) { first, _ in first }
        for file in commits.files {
            if let scan = found[file.path] {
                compare(scan, with: file, path: file.path)
            } else if let scan = evidence.pending[file.temporary] {
                compare(scan, with: file, path: file.temporary)
                note("\(file.path) is committed and waits for its name; the connector gives it when it goes on")
            } else {
                let rows = file.rows == 1 ? "1 record" : "\(file.rows) records"
                add(
                    .fileMissing,
                    path: file.path,
                    offsets: file.first...file.last,
                    what: "commit record \(file.sequence) says that this file holds \(rows); it is not there",
                    advice: "restore it from a backup; while Kafka still has the offsets they can be read again from "
                        + "the topic"
                )
            }
        }
    }

    private mutating func compare(_ scan: FileScan, with file: FileExpectation, path: String) {
        guard scan.rows != file.rows || scan.bytes != file.bytes || scan.checksum != file.checksum else { return }
        let difference = scan.rows - file.rows
        let kind: AuditTrouble.Kind =
            difference < 0 ? .linesMissing : difference > 0 ? .linesAdded : .linesChanged
        let what =
            switch kind {
            case .linesMissing: "\(Self.lines(-difference)) of the \(file.rows) that were filed"
            case .linesAdded: "\(Self.lines(difference)) more than the \(file.rows) that were filed"
            default: "as many lines as were filed, but other bytes"
            }
        let verb = kind == .linesMissing ? "lacks" : "has"
        add(
            kind,
            path: path,
            offsets: file.first...file.last,
            what: "the file \(verb) \(what) (\(scan.bytes) bytes with CRC-32C \(scan.checksum); commit record "
                + "\(file.sequence) says \(file.bytes) bytes with \(file.checksum))",
            advice:
                "the file was changed by hand or corrupted: restore it from a backup, or from the topic while "
                + "Kafka still has the offsets"
        )
    }

    /// Files that no record names: old ones, whose records were pruned, or ones that should not be there.
    mutating func checkOtherFiles(_ commits: CommitEvidence) {
        let known = Set(commits.files.map(\.path))
        var names: [FinalName: String] = [:]
        for file in commits.files {
            let name = FinalName(Self.lastComponent(file.path), of: evidence.partition.topic)
            if let name { names[name] = file.path }
        }
        let others = evidence.files.filter { !known.contains($0.path) }.sorted { $0.name.first < $1.name.first }
        for file in others {
            let offsets = file.name.first...file.name.last
            if let duplicate = names[file.name] {
                add(
                    .fileDuplicated,
                    path: file.path,
                    offsets: offsets,
                    what: "\(duplicate) holds the same offsets",
                    advice: "compare the two and remove the one that no commit record names"
                )
                continue
            }
            names[file.name] = file.path
            let beginning = commits.beginnings[file.name.lineage] ?? commits.beginning
            let isEarlier = file.name.lineage < commits.lineage
            if isEarlier, commits.isWhole, file.name.first >= beginning {
                addUnexplained(file)
            } else if isEarlier {
                continue
            } else if file.name.last < commits.beginning, standards.filesEverything {
                addUnexplained(file)
            } else if file.name.last < commits.beginning {
                note("\(file.path) was filed before this connector began; it is not judged")
            } else if file.name.first >= commits.knownFrom || file.name.last >= commits.next ?? 0 {
                addUnexplained(file)
            } else if file.scan.rows > file.name.offsetCount {
                add(
                    .linesAdded,
                    path: file.path,
                    offsets: offsets,
                    what:
                        "the file has \(Self.lines(file.scan.rows)), its name explains \(file.name.offsetCount) offsets",
                    advice: "the file was changed by hand: restore it from a backup"
                )
            }
        }
    }

    mutating func addUnexplained(_ file: FileEvidence) {
        add(
            .fileUnexplained,
            path: file.path,
            offsets: file.name.first...file.name.last,
            what: "no commit record names this file",
            advice: "if it was put there by hand, move it out of the raw zone; where commit records were "
                + "removed, restore them from a backup"
        )
    }

    /// All files together hold as much as was ever filed.
    mutating func checkTotals(_ commits: CommitEvidence) {
        let counted = evidence.files.filter { file in
            file.name.first >= commits.beginnings[file.name.lineage] ?? commits.beginning
        }
        let filed = commits.filed + commits.earlier.rows
        let pending = commits.files.compactMap { evidence.pending[$0.temporary] }
        let rows = (counted.map(\.scan) + pending).reduce(0) { $0 + $1.rows }
        // A difference that has been placed in a file needs no second trouble without a place. What is not a file of the
        // raw zone was not counted, and so explains no difference.
        let isPlaced = troubles.contains { $0.path != nil && $0.kind != .fileForeign }
        guard rows != filed, !isPlaced else { return }
        let old = counted.filter { $0.name.first < commits.knownFrom }
        let suspect = old.filter { $0.scan.rows != $0.name.offsetCount || !$0.scan.endsWithLineFeed }
        let only = suspect.count == 1 ? suspect.first : nil
        add(
            rows < filed ? .linesMissing : .linesAdded,
            path: only?.path,
            offsets: only.map { $0.name.first...$0.name.last },
            what: "\(Self.lines(filed)) were filed in all, the files hold \(rows)",
            advice: only == nil
                ? "compare the \(old.count) files whose commit records were pruned with a backup"
                : "restore the file from a backup: of those whose commit records were pruned only this one has not as "
                    + "many lines as its name explains"
        )
    }
}
