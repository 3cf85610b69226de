package import KafkaTopics

/// One record of a batch as values, for transforms that look into it: topic, timestamp, key, value and headers.
///
/// Key, value and headers are read when they are first asked for, and written back only where they were set. The
/// partition, and the offset, are those of the record in Kafka whatever becomes of its topic.
package struct ConnectRecord {
    /// A header as a value.
    package struct Header {
        package var name: String
        package var value: DataValue {
            didSet { received = nil }
        }
        /// The bytes that `value` was read from; `nil` where it has none or was set.
        fileprivate var received: [UInt8]?

        package init(name: String, value: DataValue) {
            self.name = name
            self.value = value
        }
    }

    /// What a record is after a transform, where it differs from before.
    struct Change {
        var topic: String?
        var timestamp: Timestamp?
        /// The outer `nil`: it stays; the inner: it is null.
        var key: [UInt8]??
        var value: [UInt8]??
        var headers: [RecordHeader]?
    }

    /// A part that is read late and written back only where it was set.
    private enum Part<Content> {
        case unread
        case read(Content)
        case set(Content)

        var content: Content? {
            switch self {
            case .unread: nil
            case .read(let content), .set(let content): content
            }
        }
    }

    private let records: SinkRecords
    private let index: Int
    private var keyPart = Part<DataValue>.unread
    private var valuePart = Part<DataValue>.unread
    private var headersPart = Part<[Header]>.unread

    package var topic: String
    package var timestamp: Timestamp
    private(set) var isDropped = false

    init(_ records: SinkRecords, at index: Int) {
        self.records = records
        self.index = index
        topic = records.topic(at: index)
        timestamp = records.timestamps[index]
    }

    /// The number of the partition that it comes from.
    package var partition: Int32 { records.partition.partition }

    package var offset: Int64 { records.offsets[index] }

    package mutating func key() throws(DataError) -> DataValue {
        if let key = keyPart.content { return key }
        let key = try Self.decode(records.keyRanges[index], in: records.keys, records.coders.key)
        keyPart = .read(key)
        return key
    }

    package mutating func setKey(_ key: DataValue) { keyPart = .set(key) }

    package mutating func value() throws(DataError) -> DataValue {
        if let value = valuePart.content { return value }
        let value = try Self.decode(records.valueRanges[index], in: records.values, records.coders.value)
        valuePart = .read(value)
        return value
    }

    package mutating func setValue(_ value: DataValue) { valuePart = .set(value) }

    package mutating func headers() throws(DataError) -> [Header] {
        if let headers = headersPart.content { return headers }
        var headers: [Header] = []
        for header in records.headers[offset] ?? [] {
            var value = DataValue.null
            if let bytes = header.value {
                value = try Self.decode(ByteRange(0..<bytes.count), in: bytes, records.coders.header)
            }
            var read = Header(name: header.name, value: value)
            read.received = header.value
            headers.append(read)
        }
        headersPart = .read(headers)
        return headers
    }

    package mutating func setHeaders(_ headers: [Header]) { headersPart = .set(headers) }

    /// Takes the record out of the batch: it counts as filtered.
    package mutating func drop() { isDropped = true }

    /// What was changed; `nil` where nothing was.
    ///
    /// - Throws: what cannot be written.
    func change() throws(DataError) -> Change? {
        var change = Change()
        var isChanged = false
        if topic != records.topic(at: index) {
            if let problem = TopicName.problem(with: topic) {
                throw DataError("it cannot go to another topic: \(problem)")
            }
            change.topic = topic
            isChanged = true
        }
        if timestamp != records.timestamps[index] {
            change.timestamp = timestamp
            isChanged = true
        }
        if case .set(let key) = keyPart {
            change.key = .some(try Self.encode(key, records.coders.key))
            isChanged = true
        }
        if case .set(let value) = valuePart {
            change.value = .some(try Self.encode(value, records.coders.value))
            isChanged = true
        }
        if case .set(let headers) = headersPart {
            var written: [RecordHeader] = []
            for header in headers {
                var bytes = header.received
                if bytes == nil { bytes = try Self.encode(header.value, records.coders.header) }
                written.append(RecordHeader(name: header.name, value: bytes))
            }
            change.headers = written
            isChanged = true
        }
        return isChanged ? change : nil
    }

    private static func decode(
        _ range: ByteRange,
        in arena: [UInt8],
        _ coder: any DataCoder
    ) throws(DataError) -> DataValue {
        guard let range = range.range else { return .null }
        return try arena.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try coder.decode(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
        }
    }

    private static func encode(_ value: DataValue, _ coder: any DataCoder) throws(DataError) -> [UInt8]? {
        value == .null ? nil : try coder.encode(value)
    }
}
