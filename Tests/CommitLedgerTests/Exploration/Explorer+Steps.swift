import CommitLedger
import KafkaTopics

/// What can happen next.
extension Explorer {
    mutating func successors(of state: ModelState) -> [(ModelState, Label)] {
        var found: [(ModelState, Label)] = []
        for index in state.late.indices {
            var next = state
            switch next.late.remove(at: index) {
            case .place(let record): _ = place(record, &next)
            case .publish(let file): _ = publish(file, &next)
            }
            found.append((next, Label(writer: nil, activity: 0, note: .arrived)))
        }
        for writer in state.writers.indices {
            let activity = state.writers[writer]
            if state.starts < bounds.starts, !isFresh(activity) {
                var next = state
                next.writers[writer] = startWriter(writer, &next)
                found.append((next, Label(writer: writer, activity: activity, note: .crash)))
            }
            switch activities[activity] {
            case .step: steps(of: writer, activity, state, &found)
            case .running(let machine):
                for proposal in proposals(of: machine) {
                    var next = state
                    next.writers[writer] = writing(machine, proposal, 0)
                    found.append((next, Label(writer: writer, activity: activity, note: .step)))
                }
                found += deletions(by: machine, writer, activity, state)
                guard state.repairs < bounds.repairs else { continue }
                for repair in repairs(of: machine) {
                    var machine = machine
                    var next = state
                    let action = machine.repair(repair)
                    next.writers[writer] = number(of: .step(machine, action))
                    next.repairs += 1
                    found.append((next, Label(writer: writer, activity: activity, note: .repair)))
                }
            case .writing(let machine, let proposal, let written):
                var next = state
                next.insert(files.number(of: proposal.files[written]).number, into: \.temporaries)
                next.writers[writer] = writing(machine, proposal, written + 1)
                found.append((next, Label(writer: writer, activity: activity, note: .step)))
            }
        }
        return found
    }

    /// A writer with a name of its own, about to take over: the first name that left no trace, so that there are few.
    mutating func startWriter(_ writer: Int, _ state: inout ModelState) -> UInt32 {
        let late = state.late.compactMap { if case .place(let record) = $0 { record } else { nil } }
        let known = Set((state.records + state.temporaryRecords + late).map { records[$0].record.writer })
        var machine = CommitProtocol(
            writer: (0...).lazy.map { "w\(writer)\($0)" }.first { !known.contains($0) } ?? "",
            topic: "t",
            partition: 0,
            recordsKept: bounds.recordsKept,
            checks: bounds.checks
        )
        state.starts += 1
        let action = machine.takeOver(time: 0)
        return number(of: .step(machine, action))
    }

    /// Whether a crash would change nothing.
    private func isFresh(_ activity: UInt32) -> Bool {
        if case .step(_, .listRecords) = activities[activity] { true } else { false }
    }

    /// The number of an activity; one that is new is looked at once.
    private mutating func number(of activity: ModelActivity) -> UInt32 {
        let (number, isNew) = activities.number(of: activity)
        if isNew { actions.append(action(of: activity)) }
        return number
    }

    /// Files are written one after the other; then the commit begins.
    private mutating func writing(_ machine: CommitProtocol, _ proposal: CommitProposal, _ written: Int) -> UInt32 {
        guard written == proposal.files.count else {
            return number(of: .writing(machine, proposal, filesWritten: written))
        }
        var machine = machine
        let action = machine.commit(proposal)
        return number(of: .step(machine, action))
    }

    /// Commits of one offset, and of two, in one file or in a file each.
    private func proposals(of machine: CommitProtocol) -> [CommitProposal] {
        guard let last = machine.last, last.sequence < bounds.sequences else { return [] }
        let first = last.next ?? 0
        var found: [CommitProposal] = []
        for next in [first + 1, first + 2] where next <= bounds.offsets {
            let filed = (first..<next).filter { !Self.isFiltered($0) }
            for perFile in Set([1, filed.count]).sorted() where perFile > 0 || filed.isEmpty {
                let files = stride(from: 0, to: filed.count, by: max(1, perFile)).map { place in
                    file(filed[place..<min(place + perFile, filed.count)], of: last)
                }
                let rows = Int64(filed.count)
                let counts = CommitCounts(rows: rows, bytes: rows, unfiled: .init(filtered: next - first - rows))
                found.append(CommitProposal(first: first, next: next, files: files, counts: counts, time: 0))
                if filed.isEmpty { break }
            }
        }
        return found
    }

    /// A writer that emptied the partition deletes the files that its record gave up, one after the other.
    private func deletions(
        by machine: CommitProtocol,
        _ writer: Int,
        _ activity: UInt32,
        _ state: ModelState
    ) -> [(ModelState, Label)] {
        guard let last = machine.last, last.kind == .reset, let cleared = last.cleared else { return [] }
        return state.finals.filter { Self.lineage(of: files[$0]) < cleared }.map { file in
            var next = state
            next.remove(file, from: \.finals)
            return (next, Label(writer: writer, activity: activity, note: .deletion))
        }
    }

    /// A reset to the offset before the place, and a skip of the last offset.
    private func repairs(of machine: CommitProtocol) -> [RepairProposal] {
        guard let last = machine.last, last.sequence < bounds.sequences, let place = last.next else { return [] }
        var found: [RepairProposal] = []
        if bounds.empties {
            guard place > 0, place < bounds.offsets else { return [] }
            for next in [place, place + 1] {
                let unfiled = next > place ? CommitRecord.Offsets(first: place, next: next) : nil
                found.append(
                    .empty(Emptying(next: next, topicID: nil, unfiled: unfiled, clearsFiles: true, reason: "", time: 0))
                )
            }
            return found
        }
        if place > 0 {
            found.append(.reset(next: place - 1, fingerprint: nil, topicID: nil, reason: "", time: 0))
        }
        if place == bounds.offsets - 1 {
            found.append(.skip(first: place, next: bounds.offsets, reason: "", time: 0))
        }
        return found
    }

    private func file(_ offsets: ArraySlice<Int64>, of record: CommitRecord) -> CommitRecord.File {
        let (first, last, rows) = (offsets.first ?? 0, offsets.last ?? 0, Int64(offsets.count))
        return CommitRecord.File(
            temporary: "\(record.epoch).\(record.sequence).\(first)\(last)",
            final: "\(first)-\(last)" + (record.lineage == 1 ? "" : ".l\(record.lineage)"),
            first: first,
            last: last,
            rows: rows,
            bytes: rows,
            crc32c: "",
            least: 0,
            greatest: 0
        )
    }

    /// What a step is in numbers; `nil` where it is none.
    private mutating func action(of activity: ModelActivity) -> ModelAction? {
        guard case .step(_, let action) = activity else { return nil }
        switch action {
        case .listRecords: return .list
        case .readRecord(let sequence): return .read(sequence: sequence)
        case .scanFinalNames: return .scan
        case .writeRecord(let record): return .write(stored(record))
        case .placeRecord(let record): return .place(stored(record))
        case .publish(let file): return .publish(files.number(of: file).number)
        case .look(let file): return .look(files.number(of: file).number)
        case .listTemporaries: return .listTemporaries
        case .deleteTemporary(let file): return .deleteTemporary(path: file.path)
        case .deleteTemporaryRecord(let record): return .deleteTemporaryRecord(stored(record))
        case .deleteRecord(let sequence), .pruneRecord(let sequence): return .deleteRecord(sequence: sequence)
        case .tookOver, .committed, .fenced, .stopped: return nil
        }
    }

    private mutating func stored(_ record: CommitRecord) -> UInt32 {
        records.number(of: StoredRecord(record: record, digest: "\(record.sequence)\(record.writer)")).number
    }

    /// What the machine does after `event`: its next step, or what follows the end of a procedure.
    mutating func answer(_ activity: UInt32, _ event: ModelEvent, _ writer: Int, _ state: inout ModelState) {
        let key = Answer(activity: activity, event: event)
        if let known = answers[key] {
            state.writers[writer] = known
            return
        }
        guard case .step(var machine, _) = activities[activity] else { return }
        let action = machine.received(real(event))
        switch action {
        case .tookOver, .committed: answers[key] = number(of: .running(machine))
        case .fenced:
            // A fenced writer that starts anew; where no start is left it stands still in its last step.
            if state.starts < bounds.starts { state.writers[writer] = startWriter(writer, &state) }
            return
        case .stopped(let problem): failure = "a writer stopped: \(problem)"
        default: answers[key] = number(of: .step(machine, action))
        }
        state.writers[writer] = answers[key] ?? activity
    }
}
