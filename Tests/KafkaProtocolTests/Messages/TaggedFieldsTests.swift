import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

/// The golden bytes are those of kio 0.6.5, an independent implementation.
@Suite struct TaggedFieldsTests {
    static let fetch = "ffffffff 00000005 00000001 00000002 00 00000000 ffffffff 01 01 01 01 00 04 04616263"
    static let diverging = """
        00000000 0000 00000000 02 00000000000000000000000000000005 02
        00000001 0000 0000000000000009 0000000000000009 0000000000000000 00 ffffffff 01
        01 00 0d 00000002 0000000000000007 00 00 00
        """
    static let apiVersions = """
        0000 02 0012 0000 0003 00 00000000 03
        00 17 02 11 6d657461646174612e76657273696f6e 0001 0014 00
        01 08 0000000000000007
        02 17 02 11 6d657461646174612e76657273696f6e 0014 0014 00
        """

    @Test func aFetchNamesItsCluster() throws {
        var request = FetchRequest(
            replicaID: -1,
            maxWaitMilliseconds: 5,
            minByteCount: 1,
            maxByteCount: 2,
            sessionEpoch: -1
        )
        request.clusterID = "abc"
        try comesBack(request, Self.fetch, version: 12)
    }

    @Test func aPartitionOfAFetchSaysWhereLogsPart() throws {
        var partition = FetchResponse.Partition(partition: 1, highWatermark: 9, lastStableOffset: 9, logStartOffset: 0)
        partition.divergingEpoch = .init(epoch: 2, endOffset: 7)
        let response = FetchResponse(
            throttleMilliseconds: 0,
            topics: [.init(id: KafkaUUID(mostSignificant: 0, leastSignificant: 5), partitions: [partition])]
        )
        try comesBack(response, Self.diverging, version: 16)
    }

    @Test func apiVersionsCarryTheFeaturesOfTheCluster() throws {
        var response = ApiVersionsResponse(errorCode: .none, apis: [.init(key: 18, minVersion: 0, maxVersion: 3)])
        var supported = ApiVersionsResponse.SupportedFeature()
        (supported.name, supported.minVersion, supported.maxVersion) = ("metadata.version", 1, 20)
        var finalized = ApiVersionsResponse.FinalizedFeature()
        (finalized.name, finalized.maxVersionLevel, finalized.minVersionLevel) = ("metadata.version", 20, 20)
        response.supportedFeatures = [supported]
        response.finalizedFeaturesEpoch = 7
        response.finalizedFeatures = [finalized]
        try comesBack(response, Self.apiVersions, version: 3)
    }

    @Test func fieldsAtTheirDefaultsAreNotWritten() throws {
        var response = ApiVersionsResponse(errorCode: .none)
        response.finalizedFeaturesEpoch = 7
        try comesBack(response, "0000 01 00000000 01 01 08 0000000000000007", version: 3)
        try comesBack(ApiVersionsResponse(errorCode: .none), "0000 01 00000000 00", version: 3)
    }

    @Test func classicVersionsHaveNone() throws {
        var response = ApiVersionsResponse(errorCode: .none)
        response.finalizedFeaturesEpoch = 7
        var bytes = ByteBuffer()
        response.encode(into: &bytes, version: 2)
        #expect(bytes.hexadecimal == "00000000000000000000")
    }

    @Test func unknownFieldsAmongKnownOnesAreSkipped() throws {
        var bytes = try ByteBuffer(hexadecimal: "0000 01 00000000 02 01 08 0000000000000007 63 02 ffff")
        #expect(try ApiVersionsResponse(from: &bytes, version: 3).finalizedFeaturesEpoch == 7)
        #expect(bytes.readableBytes == 0)
    }

    /// The size of a tagged field bounds what its fields may read.
    @Test(arguments: [
        ("0000 01 00000000 01 01 07 0000000000000007", DecodeError(.truncated(needed: 8, available: 7), at: 10)),
        ("0000 01 00000000 01 01 09 000000000000000700", DecodeError(.trailingBytes(1), at: 18)),
        ("0000 01 00000000 01 01 09 0000000000000007", DecodeError(.truncated(needed: 9, available: 8), at: 10)),
    ])
    func aWrongSizeIsAnError(body: String, expected: DecodeError) throws {
        var bytes = try ByteBuffer(hexadecimal: body)
        let error = #expect(throws: DecodeError.self) { try ApiVersionsResponse(from: &bytes, version: 3) }
        #expect(error == expected)
    }

    @Test func truncationAtEveryLengthIsAnError() throws {
        let whole = try ByteBuffer(hexadecimal: Self.apiVersions)
        for count in 0..<whole.readableBytes {
            var part = try #require(whole.getSlice(at: 0, length: count))
            #expect(throws: DecodeError.self, "\(count) bytes") { try ApiVersionsResponse(from: &part, version: 3) }
        }
    }

    private func comesBack<Message: WireMessage>(_ message: Message, _ golden: String, version: Int16) throws {
        var bytes = ByteBuffer()
        message.encode(into: &bytes, version: version)
        let expected = try ByteBuffer(hexadecimal: golden)
        #expect(bytes.hexadecimal == expected.hexadecimal)
        var input = expected
        #expect(try Message(from: &input, version: version) == message)
        #expect(input.readableBytes == 0)
    }
}
