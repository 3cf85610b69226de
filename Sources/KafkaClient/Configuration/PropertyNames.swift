import CRdKafka

/// The names of librdkafka's properties, to suggest the one that was meant.
enum PropertyNames {
    /// More changes than these, and a name is no likely typing error of another.
    private static let editsMax = 3

    /// The property of `object` whose name is closest to `name`, if one is close.
    static func nearest(to name: String, in object: OpaquePointer) -> String? {
        all(in: object)
            .map { (name: $0, edits: edits(from: name, to: $0)) }
            .filter { $0.edits <= editsMax }
            .min { ($0.edits, $0.name) < ($1.edits, $1.name) }?
            .name
    }

    private static func all(in object: OpaquePointer) -> [String] {
        var count = 0
        guard let dump = rd_kafka_conf_dump(object, &count) else { return [] }
        defer { rd_kafka_conf_dump_free(dump, count) }
        // Names and values alternate; the values stay unread, secrets may be among them.
        return stride(from: 0, to: count, by: 2).compactMap { index in
            dump[index].map { String(cString: $0) }
        }
    }

    /// How many insertions, deletions and replacements lead from one word to the other (Levenshtein).
    private static func edits(from left: String, to right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
