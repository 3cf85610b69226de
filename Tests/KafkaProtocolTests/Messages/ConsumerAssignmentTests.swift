import NIOCore
import Testing

@testable import KafkaProtocol

/// The bytes are those of Kafka's `ConsumerProtocolAssignment`, as kafka-python and librdkafka write them.
@Suite struct ConsumerAssignmentTests {
    private let topics: [ConsumerTopicPartitions] = [
        .init(topic: "a", partitions: [0, 2]), .init(topic: "bcd", partitions: [1]),
    ]

    private static let body = "00000002 0001 61 00000002 00000000 00000002 0003 626364 00000001 00000001"

    @Test(arguments: ["0000 \(body) ffffffff", "0001 \(body) 00000000", "0003 \(body)"])
    func partitionsAreReadInAnyVersion(bytes: String) throws {
        let assignment = try ConsumerAssignment(ByteBuffer(hexadecimal: bytes))
        #expect(assignment.topics == topics)
        #expect(!assignment.hasAddition)
    }

    @Test func additionOfAnAssignorIsSeen() throws {
        #expect(try ConsumerAssignment(ByteBuffer(hexadecimal: "0001 \(Self.body) 00000001 00")).hasAddition)
    }

    @Test func noBytesAreNoPartitions() throws {
        #expect(try ConsumerAssignment(ByteBuffer()).topics.isEmpty)
    }

    @Test func partitionsAreWrittenInTheVersionOfTheSubscription() throws {
        let written = ConsumerAssignment(version: 1, topics: topics).encoded
        #expect(written == (try ByteBuffer(hexadecimal: "0001 \(Self.body) ffffffff")))
        #expect(ConsumerAssignment(version: 9, topics: []).version == ConsumerAssignment.versionMax)
        #expect(ConsumerAssignment(version: -1, topics: []).version == 0)
    }

    @Test(arguments: ["00", "0001", "0001 7fffffff", "0001 00000001 0001 61 7fffffff", "0001 00000000 00000005 00"])
    func bytesThatAreNoneAreAnError(bytes: String) throws {
        let bytes = try ByteBuffer(hexadecimal: bytes)
        #expect(throws: DecodeError.self) { try ConsumerAssignment(bytes) }
    }
}
