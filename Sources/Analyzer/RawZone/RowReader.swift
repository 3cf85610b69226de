import CSimdJSON

/// Reads the fields of a topic's rows out of JSON lines with simdjson.
///
/// Its values point into the parser's memory and hold until the next line is read. Not `Sendable`: one worker's own.
final class RowReader {
    private let fields: [RowField]
    private let reader: OpaquePointer
    private var values: [csimdjson_value]

    /// Bytes that must be readable behind every line.
    static var padding: Int { Int(CSIMDJSON_PADDING) }

    init(fields: [RowField]) throws(AnalyzerError) {
        let names = fields.map { Array($0.name.utf8CString) }
        let described = zip(fields, names).map { field, name in
            // The reader copies the names before this call returns, so the pointer into `names` need not live longer.
            name.withUnsafeBufferPointer {
                csimdjson_field(name: $0.baseAddress, name_length: $0.count - 1, kind: field.kind.simdJSONKind)
            }
        }
        let made = withExtendedLifetime(names) { csimdjson_row_reader_create(described, described.count) }
        guard let made else { throw .noMemory("the JSON reader could not be made") }
        self.fields = fields
        self.reader = made
        self.values = Array(repeating: csimdjson_value(), count: fields.count)
    }

    deinit {
        csimdjson_row_reader_destroy(reader)
    }

    /// Reads one line.
    ///
    /// - Parameter line: with ``padding`` readable bytes behind its end.
    /// - Returns: why the line is bad, or `nil` when its values can be asked for.
    func read(_ line: UnsafeBufferPointer<UInt8>) -> String? {
        var culprit = 0
        let status = csimdjson_row_read(reader, line.baseAddress, line.count, &values, &culprit)
        return status == .CSIMDJSON_ROW_READ ? nil : problem(status, fields[culprit].name)
    }

    private func problem(_ status: csimdjson_row_status, _ name: String) -> String {
        switch status {
        case .CSIMDJSON_ROW_READ: "read"
        case .CSIMDJSON_ROW_NOT_JSON: "not JSON: " + String(cString: csimdjson_row_message(reader))
        case .CSIMDJSON_ROW_NOT_AN_OBJECT: "not a JSON object"
        case .CSIMDJSON_ROW_FIELD_MISSING: "\(name) is missing"
        case .CSIMDJSON_ROW_FIELD_NOT_TEXT: "\(name) is not a text"
        case .CSIMDJSON_ROW_FIELD_NOT_INTEGER: "\(name) is not a whole number"
        case .CSIMDJSON_ROW_FIELD_NOT_HUNDREDTHS: "\(name) is not a number of at most two decimals"
        }
    }

    /// The text field at `index` of the line last read; valid until the next one is.
    func text(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: values[index].text, count: values[index].text_length)
    }

    /// The number field at `index` of the line last read.
    func number(_ index: Int) -> Int64 { values[index].number }
}

extension RowField.Kind {
    fileprivate var simdJSONKind: csimdjson_field_kind {
        switch self {
        case .text: .CSIMDJSON_FIELD_TEXT
        case .integer: .CSIMDJSON_FIELD_INTEGER
        case .hundredths: .CSIMDJSON_FIELD_HUNDREDTHS
        }
    }
}
