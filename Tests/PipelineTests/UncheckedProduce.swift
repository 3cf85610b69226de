import Glibc
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

/// Produce requests as no client sends them, for brokers that store a batch without reading it.
struct UncheckedProduce {
    /// A batch whose CRC is right and whose records are not a snappy block.
    static func unreadableBatch(count: Int) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        for _ in 0..<count { builder.append(key: "key", value: "{}", timestamp: 1_700_000_000_000) }
        return builder.build(records: ByteBuffer(repeating: 0xFF, count: 100), codec: .snappy)
    }

    /// Sends `batch` to the broker at the port `port`, and expects that it is acknowledged.
    static func send(_ batch: ByteBuffer, to topic: String, _ partition: Int32, port: UInt16) throws {
        let descriptor = try connect(to: port)
        defer { close(descriptor) }
        try request(batch, to: topic, partition).withUnsafeReadableBytes { bytes in
            let sent = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            try #require(sent == bytes.count)
        }
        var prefix = [UInt8](repeating: 0, count: 4)
        try #require(recv(descriptor, &prefix, prefix.count, Int32(MSG_WAITALL)) == prefix.count)
        let length = try #require(ByteBuffer(bytes: prefix).getInteger(at: 0, as: Int32.self))
        var bytes = [UInt8](repeating: 0, count: Int(length))
        try #require(recv(descriptor, &bytes, bytes.count, Int32(MSG_WAITALL)) == bytes.count)
        var frame = ByteBuffer(bytes: bytes)
        _ = try ResponseFrame.readHeader(from: &frame, api: .produce, version: version)
        let response = try ProduceResponse(from: &frame, version: version)
        #expect(response.topics.first?.partitions.first?.errorCode == ErrorCode.none, "the batch was refused")
    }

    private static let version: Int16 = 3

    private static func request(_ batch: ByteBuffer, to topic: String, _ partition: Int32) -> ByteBuffer {
        let partitions = [ProduceRequest.Partition(partition: partition, records: batch)]
        let request = ProduceRequest(
            transactionalID: nil,
            acks: 1,
            timeoutMilliseconds: 1_000,
            topics: [ProduceRequest.Topic(name: topic, partitions: partitions)]
        )
        return RequestFrame.encode(request, version: version, correlationID: 1, clientID: "test")
    }

    private static func connect(to port: UInt16) throws -> CInt {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        // The call takes the head that the addresses of all families share; the memory is this one's for its length.
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { head in
                Glibc.connect(descriptor, head, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            defer { close(descriptor) }
            throw Errno(rawValue: errno)
        }
        return descriptor
    }
}
