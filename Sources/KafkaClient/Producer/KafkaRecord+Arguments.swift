import CRdKafka

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
        _ headers: ArraySlice<Header>,
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
