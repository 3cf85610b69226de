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
        // Length, correlation id, one topic with its name, one partition with its number; then the error.
        let errorAt = 4 + 4 + 4 + 2 + topic.utf8.count + 4 + 4
        var answer = [UInt8](repeating: 0xFF, count: errorAt + 2)
        let received = recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL))
        try #require(received == answer.count, "the answer is \(received) bytes long")
        #expect(answer.suffix(2) == [0, 0], "the batch was refused")
    }

    /// Produce, version 3.
    private static func request(_ batch: ByteBuffer, to topic: String, _ partition: Int32) throws -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(Int16(0), Int16(3), Int32(1))
        try body.writeLengthPrefixed(as: Int16.self) { $0.writeString("test") }
        // No transaction, one acknowledgement, a second to answer, one topic.
        body.writeMultipleIntegers(Int16(-1), Int16(1), Int32(1_000), Int32(1))
        try body.writeLengthPrefixed(as: Int16.self) { $0.writeString(topic) }
        body.writeMultipleIntegers(Int32(1), partition)
        try body.writeLengthPrefixed(as: Int32.self) { $0.writeImmutableBuffer(batch) }
        var request = ByteBuffer()
        try request.writeLengthPrefixed(as: Int32.self) { $0.writeImmutableBuffer(body) }
        return request
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
