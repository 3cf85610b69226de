import CommitLedger

/// What one writer alone makes of a state in which all others are dead: the end of every crash.
extension Explorer {
    /// How many steps a takeover can have in a space of this size: a bound for a machine that would not end.
    private static let stepsMax = 200

    /// I6: a takeover that nobody disturbs ends, and leaves no temporary file and nothing unfinished.
    ///
    /// It depends on the file system alone, so each content of it is tried once.
    mutating func recoveryViolation(from crashed: ModelState) -> String? {
        var state = crashed
        state.late = []
        state.starts = 0
        state.lost = 0
        state.repairs = 0
        state.writers = []
        guard recovered.insert(state.hashValue).inserted else { return nil }
        state.writers = [recoverer(&state)]
        for _ in 0..<Self.stepsMax {
            guard failure == nil else { return failure }
            let activity = state.writers[0]
            guard let action = actions[Int(activity)] else { return violationAfterRecovery(state) }
            answer(activity, perform(action, &state), 0, &state)
        }
        return "I6: a takeover without disturbance does not end"
    }

    private mutating func recoverer(_ state: inout ModelState) -> UInt32 {
        let activity = startWriter(2, &state)
        state.starts = 0
        return activity
    }

    private func violationAfterRecovery(_ state: ModelState) -> String? {
        if let violation = violation(in: state) { return "after recovery, \(violation)" }
        let left =
            state.temporaries.map { files[$0].temporary } + state.temporaryRecords.map { Self.path(records[$0].record) }
        return left.isEmpty ? nil : "I6: left after a takeover: \(left)"
    }
}
