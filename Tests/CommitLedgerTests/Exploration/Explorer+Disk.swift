import CommitLedger

/// The operations of the model file system.
extension Explorer {
    /// The states that the step of `writer` leads to: one, or several where an answer may be lost.
    mutating func steps(
        of writer: Int,
        _ activity: UInt32,
        _ state: ModelState,
        _ found: inout [(ModelState, Label)]
    ) {
        guard let action = actions[Int(activity)], !isOutOfBounds(action) else { return }
        func label(_ note: Label.Note) -> Label { Label(writer: writer, activity: activity, note: note) }
        var next = state
        let event = perform(action, &next)
        var answered = next
        answer(activity, event, writer, &answered)
        found.append((answered, label(.step)))
        guard state.lost < bounds.lost, let rename = Self.rename(action) else { return }
        next.lost += 1
        answer(activity, .answerLost, writer, &next)
        found.append((next, label(.done)))
        var notDone = state
        notDone.lost += 1
        answer(activity, .answerLost, writer, &notDone)
        found.append((notDone, label(.notDone)))
        notDone.late.append(rename)
        found.append((notDone, label(.late)))
    }

    private func isOutOfBounds(_ action: ModelAction) -> Bool {
        guard case .write(let record) = action else { return false }
        return records[record].record.sequence > bounds.sequences
    }

    private static func rename(_ action: ModelAction) -> ModelState.Late? {
        switch action {
        case .place(let record): .place(record)
        case .publish(let file): .publish(file)
        default: nil
        }
    }

    mutating func perform(_ action: ModelAction, _ state: inout ModelState) -> ModelEvent {
        switch action {
        case .list: return .listed(state.records.map { records[$0].record.sequence })
        case .read(let sequence): return .read(state.records.first { records[$0].record.sequence == sequence })
        case .scan: return .scanned(state.finals.map { files[$0].last + 1 }.max())
        case .write(let record):
            state.insert(record, into: \.temporaryRecords)
            return .written(record)
        case .place(let record): return .renamed(place(record, &state))
        case .publish(let file): return .renamed(publish(file, &state))
        case .look(let file):
            let final = state.finals.contains { files[$0].final == files[file].final }
            return .looked(temporary: state.temporaries.contains(file), final: final)
        case .listTemporaries:
            return .listedTemporaries(files: state.temporaries, records: state.temporaryRecords)
        case .deleteTemporary(let path):
            state.temporaries.removeAll { files[$0].temporary == path }
            state.temporaryRecords.removeAll { Self.path(records[$0].record) == path }
            return .deleted
        case .deleteTemporaryRecord(let record):
            state.remove(record, from: \.temporaryRecords)
            return .deleted
        case .deleteRecord(let sequence):
            state.records.removeAll { records[$0].record.sequence == sequence }
            return .deleted
        }
    }

    /// Renames a record to its sequence number without replacing.
    func place(_ record: UInt32, _ state: inout ModelState) -> Bool {
        let sequence = records[record].record.sequence
        guard !state.records.contains(where: { records[$0].record.sequence == sequence }),
            state.remove(record, from: \.temporaryRecords)
        else { return false }
        let place = state.records.firstIndex { records[$0].record.sequence > sequence } ?? state.records.endIndex
        state.records.insert(record, at: place)
        return true
    }

    /// Renames a file to its final name without replacing.
    func publish(_ file: UInt32, _ state: inout ModelState) -> Bool {
        guard !state.finals.contains(where: { files[$0].final == files[file].final }),
            state.remove(file, from: \.temporaries)
        else { return false }
        state.insert(file, into: \.finals)
        return true
    }

    static func path(_ record: CommitRecord) -> String { "r\(record.sequence)\(record.writer)" }

    /// The event of the machine that stands for the numbers.
    func real(_ event: ModelEvent) -> CommitProtocol.Event {
        switch event {
        case .listed(let sequences): .listed(sequences)
        case .read(let record): .read(record.map { records[$0] })
        case .scanned(let next): .scanned(next.map { CommitProtocol.FiledPlace(next: $0) })
        case .written(let record): .written(digest: records[record].digest)
        case .renamed(let isDone): .renamed(isDone)
        case .answerLost: .answerLost
        case .looked(let temporary, let final): .looked(temporary: temporary, final: final)
        case .listedTemporaries(let data, let placed):
            .listedTemporaries(
                data.map { TemporaryFile(kind: .data(epoch: epoch(of: files[$0])), path: files[$0].temporary) }
                    + placed.map {
                        let record = records[$0].record
                        return TemporaryFile(kind: .record(sequence: record.sequence), path: Self.path(record))
                    }
            )
        case .deleted: .deleted
        }
    }

    /// The epoch is in the name, as in the product.
    func epoch(of file: CommitRecord.File) -> Int64 {
        Int64(file.temporary.prefix { $0 != "." }) ?? 0
    }
}
