import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite struct MessageCodecTests {
    @Test func everyAPIHasBothMessages() {
        #expect(AllMessages.requests.map { $0.api } == APIKey.allCases)
        #expect(AllMessages.responses.map { $0.api } == APIKey.allCases)
        #expect(SupportedAPI.all.map(\.key) == APIKey.allCases)
    }

    @Test func everyVersionOfEveryMessageHasItsGoldenBytes() {
        for api in APIKey.allCases {
            for version in api.supportedVersions {
                for direction in ["request", "response"] {
                    let samples = GoldenMessage.all.filter {
                        $0.api == "\(api)" && $0.direction == direction && $0.version == version
                    }
                    #expect(samples.map(\.sample) == SampleCoder.Sample.allCases, "\(api) \(direction) \(version)")
                }
            }
        }
    }

    @Test(arguments: GoldenMessage.all)
    func messagesAreWrittenAsAnIndependentEncoderWritesThem(golden: GoldenMessage) throws {
        let type = try #require(AllMessages.type(api: golden.api, direction: golden.direction))
        try writes(type, golden)
    }

    @Test(arguments: GoldenMessage.all)
    func messagesOfAnIndependentEncoderAreRead(golden: GoldenMessage) throws {
        let type = try #require(AllMessages.type(api: golden.api, direction: golden.direction))
        try reads(type, golden)
    }

    @Test(arguments: GoldenMessage.all)
    func truncationAtEveryLengthIsAnError(golden: GoldenMessage) throws {
        let type = try #require(AllMessages.type(api: golden.api, direction: golden.direction))
        for count in 0..<golden.bytes.readableBytes {
            var part = try #require(golden.bytes.getSlice(at: 0, length: count))
            #expect(throws: DecodeError.self, "\(count) bytes") { try type.init(from: &part, version: golden.version) }
        }
    }

    @Test(arguments: GoldenMessage.all)
    func bytesAfterAMessageAreLeft(golden: GoldenMessage) throws {
        let type = try #require(AllMessages.type(api: golden.api, direction: golden.direction))
        var longer = golden.bytes
        longer.writeInteger(UInt8(7))
        _ = try type.init(from: &longer, version: golden.version)
        #expect(longer.hexadecimal == "07")
    }

    /// Of librdkafka 2.x, which leaves the four bytes that it keeps for a count as they are where the array is null.
    @Test(arguments: [("0000000000000000", false), ("0000000001000000", false)])
    func librdkafkaAsksForAllTopicsWithBytesToSpare(body: String, allowsAutoTopicCreation: Bool) throws {
        var bytes = try ByteBuffer(hexadecimal: body)
        let request = try MetadataRequest(from: &bytes, version: 9)
        #expect(request.topics == nil)
        #expect(request.allowsAutoTopicCreation == allowsAutoTopicCreation)
    }

    @Test func unservedVersionsAreRefused() {
        for type in AllMessages.requests {
            for version in [type.api.supportedVersions.lowerBound - 1, type.api.supportedVersions.upperBound + 1] {
                var bytes = ByteBuffer(repeating: 0, count: 64)
                let error = #expect(throws: DecodeError.self) { try type.init(from: &bytes, version: version) }
                #expect(error?.problem == .unsupportedVersion(api: type.api, version: version))
            }
        }
    }

    private func writes<Message: WireMessage>(_ type: Message.Type, _ golden: GoldenMessage) throws {
        var bytes = ByteBuffer()
        sample(type, golden).encode(into: &bytes, version: golden.version)
        #expect(bytes.hexadecimal == golden.bytes.hexadecimal)
    }

    private func reads<Message: WireMessage>(_ type: Message.Type, _ golden: GoldenMessage) throws {
        var bytes = golden.bytes
        let message = try Message(from: &bytes, version: golden.version)
        #expect(message == sample(type, golden))
        #expect(bytes.readableBytes == 0)
    }

    private func sample<Message: WireMessage>(_ type: Message.Type, _ golden: GoldenMessage) -> Message {
        var coder = SampleCoder(version: golden.version, sample: golden.sample)
        var message = Message()
        message.code(&coder)
        return message
    }
}
