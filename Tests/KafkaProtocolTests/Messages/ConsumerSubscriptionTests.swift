import NIOCore
import Testing

@testable import KafkaProtocol

/// The bytes are those that kafka-python and librdkafka send.
@Suite struct ConsumerSubscriptionTests {
    @Test(arguments: [
        "0000 00000002 0001 61 0003 626364 00000000",
        "0001 00000002 0001 61 0003 626364 ffffffff 00000000",
        "0003 00000002 0001 61 0003 626364 ffffffff 00000000 00000007 0004 7261636b",
    ])
    func topicsAreReadInAnyVersion(metadata: String) throws {
        #expect(try ConsumerSubscription(ByteBuffer(hexadecimal: metadata)).topics == ["a", "bcd"])
    }

    @Test(arguments: ["", "0001", "0001 7fffffff", "0001 00000001 ffff", "0001 00000001 0005 61"])
    func bytesThatAreNoneAreAnError(metadata: String) throws {
        let bytes = try ByteBuffer(hexadecimal: metadata)
        #expect(throws: DecodeError.self) { try ConsumerSubscription(bytes) }
    }
}
