import CSimdJSON
package import ConnectAPI

/// Connect's `JsonConverter` without schemas: a value is one JSON object, and leaves as one line.
///
/// The bytes stay as they came. Only where line breaks lie between tokens is the white space outside strings removed,
/// because a line of a file can have none. Null values pass.
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
        var broken: [Int] = []
        records.withMutableValues { arena, ranges in
            guard let base = arena.baseAddress else { return }
            for (index, range) in ranges.enumerated() where !range.isNull {
                switch checker.check(base + range.lowerBound, length: range.count) {
                case .objectOnOneLine: continue
                case .objectOnManyLines: broken.append(index)
                case let verdict: failures.append(RecordFailure(index: index, message: Self.reason(verdict)))
                }
            }
        }
        for index in broken {
            records.valueWillChange(at: index)
            let count = records.withMutableValues { arena, ranges in
                arena.baseAddress.flatMap { checker.minify($0 + ranges[index].lowerBound, length: ranges[index].count) }
            }
            if let count {
                records.shortenValue(at: index, to: count)
            } else {
                failures.append(RecordFailure(index: index, message: Self.reason(.noMemory)))
            }
        }
        return failures.sorted { $0.index < $1.index }
    }

    /// What is wrong with a value, for a person.
    private static func reason(_ verdict: csimdjson_verdict) -> String {
        switch verdict {
        case .notAnObject: "the value is JSON, but no object: a value begins with { and ends with }"
        case .empty: "the value is empty; a record without a value has a null value"
        case .invalidUTF8: "the value is no valid UTF-8"
        case .tooDeep: "the value is nested deeper than 1024 levels"
        case .noMemory: "there was no memory to check the value"
        case .objectOnOneLine, .objectOnManyLines, .invalidJSON: "the value is no valid JSON"
        }
    }
}
