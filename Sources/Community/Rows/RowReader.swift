import CSimdJSON

/// Reads the fields of a topic's rows out of JSON lines with simdjson: the one reader of the analyzer and the audit.
///
/// Its values point into the parser's memory and the line, and are valid until the next line is read. Not `Sendable`: it belongs to one worker.
package final class RowReader {
    /// Why a line is not a row.
    package enum Problem: Error, Equatable {
        /// With the parser's message.
        case notJSON(String)
        case notAnObject
    }

    package let fields: [RowField]
    private let reader: OpaquePointer
    /// One for each field. Not an array: each access to one that a class holds is checked for exclusivity.
    private let values: UnsafeMutablePointer<csimdjson_value>

    /// Bytes that must be readable behind every line.
    package static var padding: Int { Int(CSIMDJSON_PADDING) }

    /// - Returns: `nil` where there is no memory.
    package init?(fields: [RowField]) {
        let names = fields.map { Array($0.name.utf8CString) }
        let described = zip(fields, names).map { field, name in
            // The reader copies the names before this call returns, so the pointer into `names` need not live longer.
            name.withUnsafeBufferPointer {
                csimdjson_field(name: $0.baseAddress, name_length: $0.count - 1, kind: field.kind.simdJSONKind)
            }
        }
        let made = withExtendedLifetime(names) { csimdjson_row_reader_create(described, described.count) }
        guard let made else { return nil }
        self.fields = fields
        self.reader = made
        values = .allocate(capacity: fields.count)
        values.initialize(repeating: csimdjson_value(), count: fields.count)
    }

    deinit {
        values.deallocate()
        csimdjson_row_reader_destroy(reader)
    }

    /// Reads one line.
    ///
    /// - Parameter line: with ``padding`` readable bytes behind its end.
    package func read(_ line: UnsafeBufferPointer<UInt8>) throws(Problem) {
        switch csimdjson_row_read(reader, line.baseAddress, line.count, values) {
        case .CSIMDJSON_ROW_READ: return
        case .CSIMDJSON_ROW_NOT_JSON: throw .notJSON(String(cString: csimdjson_row_message(reader)))
        case .CSIMDJSON_ROW_NOT_AN_OBJECT: throw .notAnObject
        }
    }

    /// The value of the field at `index` in the line last read.
    package subscript(index: Int) -> RowValue {
        precondition(fields.indices.contains(index), "a row has no such field")
        let value = values[index]
        let text = UnsafeRawBufferPointer(start: value.text, count: value.text_length)
        return switch value.kind {
        case .CSIMDJSON_VALUE_MISSING: .missing
        case .CSIMDJSON_VALUE_NULL: .null
        case .CSIMDJSON_VALUE_OF_OTHER_TYPE: .otherType
        case .CSIMDJSON_VALUE_TEXT: .text(text)
        case .CSIMDJSON_VALUE_INTEGER: .integer(value.number)
        case .CSIMDJSON_VALUE_DECIMAL: .decimal(text)
        }
    }
}

extension RowField.Kind {
    fileprivate var simdJSONKind: csimdjson_field_kind {
        switch self {
        case .text: .CSIMDJSON_FIELD_TEXT
        case .number: .CSIMDJSON_FIELD_NUMBER
        }
    }
}
