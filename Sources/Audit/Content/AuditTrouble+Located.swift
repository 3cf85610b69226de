extension AuditTrouble {
    /// How many places of a file are named.
    private static let placesMax = 5

    /// This trouble of a file with the exact places at which the file differs from its topic.
    package func located(by difference: LineDifference) -> AuditTrouble {
        var trouble = self
        if let first = difference.missing.first, let last = difference.missing.last {
            trouble.firstOffset = first.offset
            trouble.lastOffset = last.offset
            let users = Set(difference.missing.map(\.key))
            trouble.user = users.count == 1 ? users.first : nil
            let places = difference.missing.prefix(Self.placesMax).map { "offset \($0.offset) of \($0.key)" }
            trouble.what += "; missing: " + Self.listed(places, of: difference.missing.count)
        }
        if !difference.strange.isEmpty {
            let places = difference.strange.prefix(Self.placesMax).map { "line \($0)" }
            trouble.what += "; not in the topic: " + Self.listed(places, of: difference.strange.count)
        }
        return trouble
    }

    private static func listed(_ places: [String], of count: Int) -> String {
        let more = count - places.count
        return places.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
