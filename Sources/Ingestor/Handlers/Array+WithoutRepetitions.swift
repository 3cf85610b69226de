extension Array where Element: Hashable {
    /// Each element once, in the order of their first appearance. What a request names twice is answered once, as Kafka does:
    /// a name costs its sender a few bytes, and the answer to it may have megabytes.
    var withoutRepetitions: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
