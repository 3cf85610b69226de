import CSimdJSON
package import ConnectAPI

/// Connect's `JsonConverter` without schemas: a value is one JSON value of any kind, and leaves as one line.
///
/// The bytes stay as they came, but for line breaks between tokens, which a line of a file cannot have. The text `null`
/// is a null value, as a null value itself is. Where `JsonConverter` reads more than JSON (it skips a byte order mark,
/// cuts off what follows the first value, takes leading zeros) the record is set aside instead: its bytes would not be a
/// JSON line, and others would not be what was sent.
package final class JSONConverter: Converter {
    package static let plugin = Plugin<any Converter>(
        classNames: ["JsonConverter", "org.apache.kafka.connect.json.JsonConverter"]
    ) { _ throws(ConfigurationError) in
        guard let converter = JSONConverter() else {
            let message = "there is no memory for a JSON parser; give this process more memory"
            throw ConfigurationError([ConfigurationProblem(key: "value.converter", message: message)])
        }
        return converter
    }

    /// simdjson's parser with its buffers.
    private let checker: OpaquePointer

    /// `nil` where there is no memory for a parser.
    package init?() {
        guard let checker = csimdjson_checker_create() else { return nil }
        self.checker = checker
    }

    deinit {
        csimdjson_checker_destroy(checker)
    }

    package var coder: any DataCoder { JSONCoder() }

    package func convertValues(of records: inout SinkRecords) -> [RecordFailure] {
        var failures: [RecordFailure] = []
        var nulls: [Int] = []
        var broken: [Int] = []
        records.withMutableValues { arena, ranges in
            guard let base = arena.baseAddress else { return }
            for (index, range) in ranges.enumerated() where !range.isNull {
                switch check(base + range.lowerBound, length: range.count) {
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

    /// What the `length` bytes at `text` are. simdjson reads in blocks: `SinkRecords.paddingBytes` bytes behind the text
    /// must be readable.
    private func check(_ text: UnsafeRawPointer, length: Int) -> csimdjson_verdict {
        csimdjson_check(checker, text.assumingMemoryBound(to: UInt8.self), length)
    }

    /// What is wrong with a value.
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
