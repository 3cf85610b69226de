import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite struct ResponseFrameTests {
    @Test func aClassicAnswerHasItsBytes() throws {
        let frame = ResponseFrame(
            HeartbeatResponse(throttleMilliseconds: 0, errorCode: .rebalanceInProgress),
            version: 1,
            correlationID: 42
        )
        #expect(frame.buffer.hexadecimal == "0000000a" + "0000002a" + "00000000" + "001b")
        #expect(frame.externalBytes.isEmpty)
    }

    @Test func aFlexibleAnswerHasTaggedFieldsInItsHeader() throws {
        let frame = ResponseFrame(
            HeartbeatResponse(throttleMilliseconds: 0, errorCode: .none),
            version: 4,
            correlationID: 42
        )
        #expect(frame.buffer.hexadecimal == "0000000c" + "0000002a" + "00" + "00000000" + "0000" + "00")
    }

    @Test(arguments: [Int16(3), 4])
    func theAnswerToApiVersionsHasTheFirstHeaderAlways(version: Int16) throws {
        let frame = ResponseFrame(ApiVersionsResponse(errorCode: .none), version: version, correlationID: 42)
        #expect(frame.buffer.hexadecimal == "0000000c" + "0000002a" + "0000" + "01" + "00000000" + "00")
    }

    @Test func anUnknownVersionOfApiVersionsIsAnsweredInTheFirstOne() throws {
        let frame = ResponseFrame(ApiVersionsResponse.unsupportedVersion, version: 0, correlationID: 1)
        #expect(frame.buffer.hexadecimal == "00000010" + "00000001" + "0023" + "00000001" + "001200000004")
    }

    @Test func whatIsServedIsAdvertised() throws {
        var body = ByteBuffer()
        ApiVersionsResponse.supported.encode(into: &body, version: 0)
        let advertised = try ApiVersionsResponse(from: &body, version: 0).apis
        #expect(advertised.map(\.key) == APIKey.allCases.map(\.rawValue))
        for row in advertised {
            let api = try #require(APIKey(rawValue: row.key))
            #expect(api.supportedVersions == row.minVersion...row.maxVersion)
        }
    }

    /// What librdkafka and the Java client conclude from the ranges.
    @Test func clientsFindWhatTheyGateTheirFeaturesBy() throws {
        #expect(APIKey.produce.supportedVersions.contains(0), "librdkafka would not compress")
        #expect(APIKey.produce.supportedVersions.contains(7), "librdkafka would not use zstd")
        #expect(APIKey.fetch.supportedVersions.contains(10), "librdkafka would not use zstd")
        #expect(APIKey.fetch.supportedVersions.contains(4), "librdkafka would not use record batches")
        #expect(APIKey.metadata.supportedVersions.contains(10), "clients would know no topic ids")
        #expect(APIKey.offsetForLeaderEpoch.supportedVersions.contains(2), "librdkafka would not check its place")
    }

    @Test(arguments: Array<Int16>(4...17))
    func recordsOfAFileAreLeftOutAndCounted(version: Int16) throws {
        let batch = ByteBuffer(string: "sixteen bytes...")
        let copied = answer(records: .bytes(batch))
        let external = answer(records: .external(byteCount: batch.readableBytes))
        let whole = ResponseFrame(copied, version: version, correlationID: 9)
        let frame = ResponseFrame(external, version: version, correlationID: 9)
        #expect(frame.externalBytes.count == 2)

        var joined = ByteBuffer()
        var position = 0
        for place in frame.externalBytes {
            #expect(place.byteCount == batch.readableBytes)
            joined.writeImmutableBuffer(
                try #require(frame.buffer.getSlice(at: position, length: place.position - position))
            )
            joined.writeImmutableBuffer(batch)
            position = place.position
        }
        joined.writeImmutableBuffer(
            try #require(frame.buffer.getSlice(at: position, length: frame.buffer.writerIndex - position))
        )
        #expect(joined == whole.buffer)
    }

    @Test func headersOfAnswersAreRead() throws {
        for type in AllMessages.responses {
            for version in type.api.supportedVersions {
                var frame = ResponseFrame(type.init(), version: version, correlationID: -5).buffer
                #expect(frame.readInteger(as: Int32.self) == Int32(frame.readableBytes))
                let id = try ResponseFrame.readHeader(from: &frame, api: type.api, version: version)
                #expect(id == -5)
                #expect(throws: Never.self) { try type.init(from: &frame, version: version) }
            }
        }
    }

    private func answer(records: FetchedRecords) -> FetchResponse {
        let partitions = [
            FetchResponse.Partition(partition: 0, highWatermark: 5, records: records),
            FetchResponse.Partition(partition: 1, errorCode: .offsetOutOfRange),
            FetchResponse.Partition(partition: 2, highWatermark: 7, records: records),
        ]
        return FetchResponse(
            throttleMilliseconds: 0,
            topics: [FetchResponse.Topic(name: "utenti", partitions: partitions)]
        )
    }
}
