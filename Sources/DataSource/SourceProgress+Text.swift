import PlainText

extension SourceProgress {
    /// The progress in one line for a person.
    package var text: String {
        let total = totalCount.map { " of \(NumberText.whole($0))" } ?? ""
        let seconds = elapsed.inSeconds
        let rate = seconds > 0 ? Int((Double(acknowledgedCount) / seconds).rounded()) : 0
        let waiting = NumberText.whole(sentCount - acknowledgedCount)
        return "\(NumberText.whole(acknowledgedCount))\(total) records acknowledged, \(waiting) on their way, "
            + "\(NumberText.whole(rate)) records/s, \(NumberText.decimal(seconds, decimals: 0)) s"
    }
}
