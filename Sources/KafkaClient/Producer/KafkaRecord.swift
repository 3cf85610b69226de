import CRdKafka
package import KafkaTopics

/// One record to send, or a copy of one that was received.
package struct KafkaRecord: Hashable, Sendable {
    package var topic: String
    /// The partition, or `nil`: the key's hash chooses it as Java's client does, a random one without a key.
    package var partition: Int32?
    package var key: [UInt8]?
    /// The value; `nil` is a tombstone.
    package var value: [UInt8]?
    package var headers: [RecordHeader]
    /// Milliseconds since 1970, or `nil`: the time of sending. librdkafka treats 0 as `nil`, so the first millisecond of
    /// 1970 cannot be sent.
    package var timestamp: Int64?

    package init(
        topic: String,
        partition: Int32? = nil,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [RecordHeader] = [],
        timestamp: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }

    /// A record of text.
    package init(topic: String, key: String?, value: String?) {
        self.init(topic: topic, key: key.map { Array($0.utf8) }, value: value.map { Array($0.utf8) })
    }
}

extension KafkaRecord {
    /// Lends the record as the arguments of `rd_kafka_produceva`, which copies what they point at.
    func withArguments<Result>(
        topic: OpaquePointer,
        opaque: UnsafeMutableRawPointer?,
        _ body: (UnsafePointer<rd_kafka_vu_t>, Int) -> Result
    ) -> Result {
        var arguments = [
            Self.argument(RD_KAFKA_VTYPE_RKT) { $0.rkt = topic },
            Self.argument(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition ?? RD_KAFKA_PARTITION_UA },
            Self.argument(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY },
            Self.argument(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = opaque },
            Self.argument(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = timestamp ?? 0 },
        ]
        return Self.withPointer(to: key) { key in
            arguments.append(Self.argument(RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: key, size: self.key?.count ?? 0) })
            return Self.withPointer(to: value) { value in
                let size = self.value?.count ?? 0
                arguments.append(Self.argument(RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: value, size: size) })
                return Self.withHeaders(headers[...], arguments, body)
            }
        }
    }

    private static func withHeaders<Result>(
        _ headers: ArraySlice<RecordHeader>,
        _ arguments: [rd_kafka_vu_t],
        _ body: (UnsafePointer<rd_kafka_vu_t>, Int) -> Result
    ) -> Result {
        guard let header = headers.first else {
            return arguments.withUnsafeBufferPointer { buffer in
                guard let first = buffer.baseAddress else { preconditionFailure("KafkaRecord: no arguments") }
                return body(first, buffer.count)
            }
        }
        return header.name.withCString { name in
            withPointer(to: header.value) { value in
                let argument = argument(RD_KAFKA_VTYPE_HEADER) {
                    $0.header = .init(name: name, val: value, size: header.value?.count ?? 0)
                }
                return withHeaders(headers.dropFirst(), arguments + [argument], body)
            }
        }
    }

    private static func argument(
        _ type: rd_kafka_vtype_t,
        _ set: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void
    ) -> rd_kafka_vu_t {
        var argument = rd_kafka_vu_t()
        argument.vtype = type
        set(&argument.u)
        return argument
    }

    /// A null pointer for null, and an address for no bytes.
    private static func withPointer<Result>(
        to bytes: [UInt8]?,
        _ body: (UnsafeMutableRawPointer?) -> Result
    ) -> Result {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBufferPointer { bytes in
            body(UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? EmptyBytes.address))
        }
    }
}

/// An address for keys and values that have no bytes: a null pointer would mean that there is none.
enum EmptyBytes {
    /// Never read or written through; it lives as long as the program.
    nonisolated(unsafe) static let address: UnsafePointer<UInt8> = {
        let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()
}
