import Foundation
import KafkaClient
import KafkaTopics
import Logging
import PlainText
import ServiceLifecycle

/// Reads a topic's records as they come, and hands each on as a line: what `hera topics tail` shows.
///
/// It ends after `countMax` records, or when it is shut down.
struct TopicTail: Service {
    /// How many bytes of lines are held before they are written.
    private static let bytesHeldMax = 1 << 20

    let client: ClientConfiguration
    let topic: String
    /// Whether it begins with the oldest records instead of the next one.
    var isFromBeginning = false
    /// After how many records it ends; `nil`: never.
    var countMax: Int?
    /// How a record is shown.
    var line = RecordLine()
    /// Takes whole lines, ended by line feeds.
    private let write: @Sendable (_ lines: [UInt8]) throws -> Void
    private let logger: Logger

    init(
        _ topic: String,
        client: ClientConfiguration,
        logger: Logger,
        write: @escaping @Sendable (_ lines: [UInt8]) throws -> Void
    ) {
        self.topic = topic
        self.client = client
        self.logger = logger
        self.write = write
    }

    /// Reads until there is nothing more to do.
    ///
    /// - Throws: `unknownTopic`, `brokersUnreachable` and what else makes reading impossible; what `write` throws.
    func run() async throws {
        let partitions = try await withAdmin(client, logger: logger) { admin in
            try await admin.describeTopic(topic).topicPartitions
        }
        let start = isFromBeginning ? StartPosition.beginning : .end
        try await withConsumer(ConsumerConfiguration(client: client), logger: logger) { consumer in
            try await consumer.assign(Dictionary(partitions.map { ($0, start) }) { first, _ in first })
            try await show(consumer.events)
        }
    }

    private func show(_ events: KafkaConsumerEvents) async throws {
        var left = countMax ?? .max
        var lines: [UInt8] = []
        guard left > 0 else { return }
        for try await event in events {
            switch event {
            case .batch(let batch):
                for index in 0..<min(left, batch.count) {
                    batch.withRecord(at: index) { record in
                        line.append(record, partition: batch.topicPartition.partition, to: &lines)
                    }
                    // A batch of long records is not held in memory a second time.
                    if lines.count >= Self.bytesHeldMax { try flush(&lines) }
                }
                left -= min(left, batch.count)
                try flush(&lines)
                if left == 0 { return }
            case .failed(let error):
                // A retriable error does not concern the reader; any other one does.
                guard error.isRetriable else { throw error }
                logger.warning("reading is interrupted", metadata: ["kafka.client.error": "\(error)"])
            case .assigned, .committed, .revoked, .lost, .endOfPartition: break
            }
        }
    }

    private func flush(_ lines: inout [UInt8]) throws {
        guard !lines.isEmpty else { return }
        try write(lines)
        lines.removeAll(keepingCapacity: true)
    }
}

/// How `hera topics tail` shows a record: one line, with the value and what else is asked for.
struct RecordLine: Sendable {
    /// Whether the line begins with the headers, as `name=value,name=value` and a tab.
    var showsHeaders = false
    /// Whether the key and a tab precede the value.
    var showsKeys = false
    /// Whether unprintable characters are escaped. Otherwise the bytes are unchanged, and a record may be several lines.
    var isEscaped = false
    /// Whether a line is a JSON object with all fields.
    var isJSON = false

    init() {}

    /// The fields of a record, apart from librdkafka.
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

    /// Null is shown as `null`.
    private func append(_ bytes: (some Collection<UInt8>)?, to lines: inout [UInt8]) {
        guard let bytes else { return lines.append(contentsOf: "null".utf8) }
        if isEscaped {
            lines.append(contentsOf: PrintableText.escaping(bytes).utf8)
        } else {
            lines.append(contentsOf: bytes)
        }
    }

    /// The JSON form. Bytes that are not UTF-8 become `{"base64": …}`.
    private struct Object: Encodable {
        struct Header: Encodable {
            let name: String
            var value: Text
        }
        /// A text, `null`, or bytes in Base64.
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
