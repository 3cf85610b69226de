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

    @Test func whatTheMemberHasIsRead() throws {
        let bytes =
            "0003 00000001 0001 61 00000002 abcd 00000001 0001 61 00000002 00000000 00000002 00000007 0004 7261636b"
        let subscription = try ConsumerSubscription(ByteBuffer(hexadecimal: bytes))
        #expect(subscription.version == 3)
        #expect(subscription.owned == [.init(topic: "a", partitions: [0, 2])])
        #expect(subscription.rackID == "rack")
    }

    /// There are clients that write version 1 without its fields.
    @Test(arguments: [
        "0001 00000001 0001 61", "0001 00000001 0001 61 ffffffff", "0001 00000001 0001 61 ffffffff 00000009",
    ])
    func whatFollowsTheTopicsMayBeMissing(metadata: String) throws {
        let subscription = try ConsumerSubscription(ByteBuffer(hexadecimal: metadata))
        #expect(subscription.topics == ["a"])
        #expect(subscription.owned.isEmpty)
    }

    @Test(arguments: ["", "0001", "0001 7fffffff", "0001 00000001 ffff", "0001 00000001 0005 61"])
    func bytesThatAreNoneAreAnError(metadata: String) throws {
        let bytes = try ByteBuffer(hexadecimal: metadata)
        #expect(throws: DecodeError.self) { try ConsumerSubscription(bytes) }
    }
}
