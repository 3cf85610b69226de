import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite struct RequestHeaderTests {
    @Test func classicHeaderHasItsBytes() throws {
        var bytes = try ByteBuffer(hexadecimal: "0000 0003 0000002a 0003 68646d ff")
        let header = try RequestHeader(from: &bytes)
        #expect(header.api == .produce && header.version == 3)
        #expect(header.correlationID == 42 && header.clientID == "hdm")
        #expect(bytes.readableBytes == 1)
    }

    @Test func flexibleHeaderKeepsTheClassicClientIDAndHasTaggedFields() throws {
        var bytes = try ByteBuffer(hexadecimal: "0012 0003 00000001 ffff 01 07 02 abcd ee")
        let header = try RequestHeader(from: &bytes)
        #expect(header.api == .apiVersions && header.version == 3)
        #expect(header.correlationID == 1 && header.clientID == nil)
        #expect(bytes.hexadecimal == "ee")
    }

    @Test func headersComeBackInEveryVersionOfEveryAPI() throws {
        for api in APIKey.allCases {
            for version in api.supportedVersions {
                var bytes = RequestFrame.header(
                    api: api,
                    version: version,
                    correlationID: .max,
                    clientID: "città"
                )
                let header = try RequestHeader(from: &bytes)
                #expect(header.api == api && header.version == version)
                #expect(header.correlationID == .max && header.clientID == "città")
                #expect(bytes.readableBytes == 0)
                #expect(header.unsupported == nil)
            }
        }
    }

    @Test func anUnservedVersionCanStillBeAnswered() throws {
        var bytes = try ByteBuffer(hexadecimal: "0012 7fff 00000009 ff")
        let header = try RequestHeader(from: &bytes)
        #expect(header.correlationID == 9)
        #expect(header.unsupported?.problem == .unsupportedVersion(api: .apiVersions, version: .max))
    }

    @Test func anUnknownAPIIsNamed() throws {
        var bytes = try ByteBuffer(hexadecimal: "03e7 0000 00000009")
        #expect(try RequestHeader(from: &bytes).unsupported?.problem == .unknownAPI(key: 999))
    }

    @Test func truncationAtEveryLengthIsAnError() throws {
        let whole = try ByteBuffer(hexadecimal: "0012 0003 00000001 0002 6162 01 07 02 abcd")
        for count in 0..<whole.readableBytes {
            var part = try #require(whole.getSlice(at: 0, length: count))
            #expect(throws: DecodeError.self, "\(count) bytes") { try RequestHeader(from: &part) }
        }
    }
}
