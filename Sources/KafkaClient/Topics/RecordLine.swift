import Foundation
import KafkaTopics
import PlainText

/// How `hera topics tail` shows a record: one line, with the value and what else is asked for.
package struct RecordLine: Sendable {
    /// Whether the line begins with the headers, as `name=value,name=value` and a tab.
    package var showsHeaders = false
    /// Whether the key and a tab stand before the value.
    package var showsKeys = false
    /// Whether what is not printable is escaped. Else the bytes stand as they are, and a record may be several lines.
    package var isEscaped = false
    /// Whether a line is a JSON object with all there is.
    package var isJSON = false

    package init() {}

    /// What a line shows: a record's own fields, apart from librdkafka.
    struct Fields {
        var partition: Int32
        var offset: Int64
        var timestamp: Timestamp
        var headers: [RecordHeader]
        var key: UnsafeRawBufferPointer?
        var value: UnsafeRawBufferPointer?
    }

    /// Appends the line of a record, ended by a line feed.
    func append(_ record: borrowing ConsumedRecord, partition: Int32, to lines: inout [UInt8]) {
        let needsHeaders = showsHeaders || isJSON
        let fields = Fields(
            partition: partition,
            offset: record.offset,
            timestamp: record.timestamp,
            headers: needsHeaders ? record.headers() : [],
            key: record.key,
            value: record.value
        )
        append(fields, to: &lines)
    }

    func append(_ record: Fields, to lines: inout [UInt8]) {
        if isJSON {
            lines.append(contentsOf: Self.json(record))
        } else {
            if showsHeaders {
                for (index, header) in record.headers.enumerated() {
                    if index > 0 { lines.append(UInt8(ascii: ",")) }
                    append(Array(header.name.utf8), to: &lines)
                    lines.append(UInt8(ascii: "="))
                    append(header.value, to: &lines)
                }
                lines.append(UInt8(ascii: "\t"))
            }
            if showsKeys {
                append(record.key, to: &lines)
                lines.append(UInt8(ascii: "\t"))
            }
            append(record.value, to: &lines)
        }
        lines.append(UInt8(ascii: "\n"))
    }

    /// What is null is shown as `null`.
    private func append(_ bytes: (some Collection<UInt8>)?, to lines: inout [UInt8]) {
        guard let bytes else { return lines.append(contentsOf: "null".utf8) }
        if isEscaped {
            lines.append(contentsOf: PrintableText.escaping(bytes).utf8)
        } else {
            lines.append(contentsOf: bytes)
        }
    }

    /// The JSON form. Bytes that are not UTF-8 stand as `{"base64": …}`.
    private struct Object: Encodable {
        struct Header: Encodable {
            let name: String
            var value: Text
        }
        /// A text, `null`, or what Base64 makes of bytes.
        enum Text: Encodable {
            case text(String)
            case base64(String)
            case null

            private enum CodingKeys: String, CodingKey { case base64 }

            init(_ bytes: (some Collection<UInt8>)?) {
                guard let bytes else {
                    self = .null
                    return
                }
                self =
                    String(validating: bytes, as: UTF8.self).map(Self.text)
                    ?? .base64(Data(bytes).base64EncodedString())
            }

            func encode(to encoder: any Encoder) throws {
                switch self {
                case .text(let text):
                    var container = encoder.singleValueContainer()
                    try container.encode(text)
                case .null:
                    var container = encoder.singleValueContainer()
                    try container.encodeNil()
                case .base64(let text):
                    var container = encoder.container(keyedBy: CodingKeys.self)
                    try container.encode(text, forKey: .base64)
                }
            }
        }
        let partition: Int32
        let offset: Int64
        let timestamp: Int64?
        let headers: [Header]
        let key: Text
        let value: Text
    }

    private static func json(_ record: Fields) -> Data {
        let object = Object(
            partition: record.partition,
            offset: record.offset,
            timestamp: record.timestamp == .unknown ? nil : record.timestamp.milliseconds,
            headers: record.headers.map { Object.Header(name: $0.name, value: Object.Text($0.value)) },
            key: Object.Text(record.key),
            value: Object.Text(record.value)
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and integers always have a JSON form.
        return (try? encoder.encode(object)) ?? Data()
    }
}
