import CSimdJSON
package import ConnectAPI

/// Connect's `JsonConverter` without schemas: a value is one JSON value of any kind, and leaves as one line.
///
/// The bytes stay as they came, but for line breaks between tokens, which a line of a file cannot have. The text `null`
/// is a null value, as a null value itself is. Where `JsonConverter` reads more than JSON (it skips a byte order mark,
/// cuts off what follows the first value, takes leading zeros) the record is set aside instead: its bytes would be no
/// JSON line, and others would not be what was sent.
package final class JSONConverter: Converter {
    /// The names that `value.converter` may have.
    package static let classNames = ["JsonConverter", "org.apache.kafka.connect.json.JsonConverter"]

    private let checker: JSONChecker

    /// `nil` where there is no memory for a parser.
    package init?() {
        guard let checker = JSONChecker() else { return nil }
        self.checker = checker
    }

    package func convertValues(of records: inout SinkRecords) -> [RecordFailure] {
        var failures: [RecordFailure] = []
        var nulls: [Int] = []
        var broken: [Int] = []
        records.withMutableValues { arena, ranges in
            guard let base = arena.baseAddress else { return }
            for (index, range) in ranges.enumerated() where !range.isNull {
                switch checker.check(base + range.lowerBound, length: range.count) {
                case .onOneLine: continue
                case .onManyLines: broken.append(index)
                case .null: nulls.append(index)
                case let verdict: failures.append(RecordFailure(index: index, message: Self.reason(verdict)))
                }
            }
        }
        for index in nulls { records.removeValue(at: index) }
        for index in broken {
            records.valueWillChange(at: index)
            let count = records.withMutableValues { arena, ranges in
                let text = UnsafeMutableRawBufferPointer(rebasing: arena[ranges[index].lowerBound...])
                guard let start = text.bindMemory(to: UInt8.self).baseAddress else { return 0 }
                return csimdjson_remove_line_breaks(start, ranges[index].count)
            }
            records.shortenValue(at: index, to: count)
        }
        return failures
    }

    /// What is wrong with a value, for a person.
    private static func reason(_ verdict: csimdjson_verdict) -> String {
        switch verdict {
        case .empty: "the value is empty; a record without a value has a null value"
        case .invalidUTF8: "the value is not valid UTF-8"
        case .tooDeep: "the value is nested deeper than 1024 levels"
        case .noMemory: "there was no memory to check the value"
        case .byteOrderMark: "the value begins with a byte order mark; JSON is UTF-8 without one"
        case .trailingText: "the value has more text behind its JSON value"
        case .onOneLine, .onManyLines, .null, .invalidJSON: "the value is not valid JSON"
        }
    }
}
