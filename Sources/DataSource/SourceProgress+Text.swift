extension SourceProgress {
    /// The progress in one line for a person.
    package var text: String {
        let total = totalCount.map { " of \(Readable.count($0))" } ?? ""
        let seconds = elapsed.inSeconds
        let rate = seconds > 0 ? Int((Double(acknowledgedCount) / seconds).rounded()) : 0
        let waiting = Readable.count(sentCount - acknowledgedCount)
        return "\(Readable.count(acknowledgedCount))\(total) records acknowledged, \(waiting) on their way, "
            + "\(Readable.count(rate)) records/s, \(Readable.decimal(seconds, digits: 0)) s"
    }
}
