import ConnectAPI

extension SinkTaskError {
    /// What befell several partitions, as one error that names all of them; `nil` where nothing did.
    ///
    /// Where one of them needs a person, time does not help the task as a whole.
    init?(uniting errors: [SinkTaskError]) {
        guard let first = errors.first else { return nil }
        guard errors.count > 1 else {
            self = first
            return
        }
        let codes = Set(errors.map(\.code))
        let code: Code = codes.contains(.permanent) ? .permanent : codes == [.fenced] ? .fenced : .retriable
        var messages: [String] = []
        for error in errors where !messages.contains(error.message) { messages.append(error.message) }
        self.init(
            code,
            messages.joined(separator: "; "),
            partitions: errors.flatMap(\.partitions).sorted(),
            underlying: errors.lazy.compactMap(\.underlying).first
        )
    }
}
