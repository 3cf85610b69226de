import Dispatch
import Ingestor
import KafkaProtocol
import Logging
import NIOCore
import NIOPosix
import PipelineTesting
import SystemPackage
import Testing

@testable import Pipeline

/// The doctor against servers that behave as they do where a client finds no way.
@Suite(.timeLimit(.minutes(15))) struct RouteDoctorTests {
    private let doctor = RouteDoctor(timeout: .seconds(20), lookup: HostNames.system)

    /// Runs an ingestor that advertises an address, and walks to it.
    private func walk(advertised: String? = nil, by doctor: RouteDoctor? = nil) async throws -> RouteReport {
        try await withIngestor(advertised: advertised) { await (doctor ?? self.doctor).walk(from: $0) }
    }

    private func withIngestor<Result: Sendable>(
        advertised: String? = nil,
        _ body: @escaping @Sendable (ListenAddress) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { directory in
            var configuration = IngestorConfiguration(directory: directory.string)
            let free = ListenAddress(host: "127.0.0.1", port: 0)
            let address = advertised.flatMap { ListenAddress($0) }
            configuration.listeners = [ListenerConfiguration(listen: free, advertised: address)]
            let ingestor = Ingestor(
                configuration: configuration,
                logger: Logger(label: "ingestor") { _ in SwiftLogNoOpLogHandler() }
            )
            return try await whileRunning(ingestor) { try await body(ingestor.boundAddress) }
        }
    }

    @Test func everyHopOfAGoodWayIsTold() async throws {
        let report = try await walk()
        #expect(report.isWell)
        #expect(report.start.hops.map(\.step) == [.resolve, .connect, .protocol, .metadata])
        #expect(report.nodes.map(\.node) == [0])
        #expect(report.nodes.first?.address == report.start.address)
        #expect(report.nodes.first?.hops.map(\.step) == [.resolve, .connect, .protocol, .metadata, .cluster])
        #expect(report.text.hasSuffix("\nthe node is reached"))
    }

    @Test func addressWhereNothingListensIsNamed() async throws {
        let report = try await withRefusedAddress { await doctor.walk(from: try #require(ListenAddress($0))) }
        #expect(report.start.hops.map(\.step) == [.resolve, .connect])
        let last = try #require(report.start.hops.last)
        #expect(last.finding == "Connection refused")
        #expect(last.cure == "nothing listens there: start the broker, or correct the port")
        #expect(report.text.hasSuffix("gets nowhere"))
    }

    @Test func unknownNameIsNamed() async throws {
        let doctor = RouteDoctor(timeout: .seconds(20)) { _, _ in .failure(.unknownHost("no such name")) }
        let report = await doctor.walk(from: ListenAddress(host: "kafka.example", port: 9092))
        #expect(report.start.hops.map(\.finding) == ["the name is not known here: no such name"])
        #expect(report.start.hops.map(\.isWell) == [false])
        #expect(report.nodes.isEmpty && !report.isWell)
    }

    @Test func slowNameServerIsNotWaitedFor() async throws {
        let answer = DispatchSemaphore(value: 0)
        defer { answer.signal() }
        let doctor = RouteDoctor(timeout: .milliseconds(1)) { _, _ in
            answer.wait()
            return .success([])
        }
        let report = await doctor.walk(from: ListenAddress(host: "kafka.example", port: 9092))
        #expect(report.start.hops.map(\.finding) == ["no answer within the time"])
        #expect(report.start.hops.first?.cure == "check that this machine's name server answers")
    }

    @Test func advertisedNameThatIsUnknownIsNamed() async throws {
        let doctor = RouteDoctor(timeout: .seconds(20)) { host, port in
            host == "broker-1" ? .failure(.unknownHost("no such name")) : HostNames.system(host, port)
        }
        let report = try await walk(advertised: "broker-1:9092", by: doctor)
        #expect(report.start.isWell && !report.isWell)
        let hop = try #require(report.nodes.first?.hops.last)
        #expect(hop.step == .resolve && !hop.isWell)
        #expect(hop.cure?.contains("instead of one that only the broker's network knows") == true)
        #expect(report.text.contains("node 0, told to be at broker-1:9092\n  resolve  FAILED"), "\(report.text)")
        #expect(report.text.hasSuffix("1 of 1 nodes is not reached"))
    }

    @Test func advertisedPortWhereNothingListensIsNamed() async throws {
        let report = try await withRefusedAddress { try await walk(advertised: $0) }
        let hop = try #require(report.nodes.first?.hops.last)
        #expect(hop.step == .connect && !hop.isWell)
        #expect(hop.cure?.contains("of a container that is the port it publishes") == true)
    }

    @Test func advertisedAddressOfAnotherClusterIsNamed() async throws {
        let report = try await withIngestor { other in try await walk(advertised: "\(other)") }
        let hop = try #require(report.nodes.first?.hops.last)
        #expect(hop.step == .cluster && !hop.isWell)
        #expect(hop.finding.hasPrefix("another cluster answers there: "))
    }

    @Test(arguments: [
        ("0.0.0.0", 9092, "a wildcard: every client would connect to itself"), ("", 9092, "that is no address"),
        ("h", 0, "that is no address"),
    ])
    func advertisedAddressThatCannotBeOneIsNamed(host: String, port: Int32, expected: String) async throws {
        let answers = [
            { ResponseFrame(ApiVersionsResponse.supported, version: 0, correlationID: 1).buffer },
            {
                var metadata = MetadataResponse()
                metadata.brokers = [.init(nodeID: 7, host: host, port: port)]
                return ResponseFrame(metadata, version: APIKey.metadata.supportedVersions.upperBound, correlationID: 1)
                    .buffer
            },
        ]
        let report = try await walk(toServerAnswering: answers.map { .bytes($0()) })
        #expect(report.nodes.map(\.node) == [7])
        #expect(report.nodes.first?.hops.map(\.finding) == [expected])
    }

    @Test(arguments: [
        (FakeServer.Answer.bytes(ByteBuffer(bytes: [0x15, 3, 3, 0, 2, 2, 80])), "it speaks TLS"),
        (.bytes(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")), "it speaks HTTP"),
        (.bytes(ByteBuffer(string: "SSH-2.0-OpenSSH_9.2\r\n")), "it does not speak Kafka's protocol"),
        (.bytes(ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 9])), "it does not speak Kafka's protocol"),
        (.end, "it closed the connection instead of answering"),
    ])
    func serverOfAnotherProtocolIsNamed(answer: FakeServer.Answer, finding: String) async throws {
        let report = try await walk(toServerAnswering: [answer])
        #expect(report.start.hops.map(\.step) == [.resolve, .connect, .protocol])
        #expect(report.start.hops.last?.finding == finding)
        #expect(report.start.hops.last?.cure != nil)
    }

    @Test func serverThatClosesUnlessGreetedInTLSIsNamed() async throws {
        // It answers the second connection, which greets in TLS.
        let report = try await walk(toServerAnswering: [.end, .bytes(ByteBuffer(bytes: [0x16, 3, 3, 0, 1, 2]))])
        #expect(report.start.hops.last?.finding == "it speaks TLS")
    }

    @Test func brokerThatWantsALoginIsNamed() async throws {
        let versions = ResponseFrame(ApiVersionsResponse.supported, version: 0, correlationID: 1).buffer
        let report = try await walk(toServerAnswering: [.bytes(versions), .end])
        let hop = try #require(report.start.hops.last)
        #expect(hop.step == .metadata && !hop.isWell)
        #expect(hop.cure?.contains("sasl_plaintext") == true)
    }

    @Test func brokerThatIsTooOldIsNamed() async throws {
        let old = ApiVersionsResponse(errorCode: .none, apis: [.init(key: 3, minVersion: 0, maxVersion: 0)])
        let report = try await walk(
            toServerAnswering: [.bytes(ResponseFrame(old, version: 0, correlationID: 1).buffer)]
        )
        #expect(report.start.hops.last?.finding == "it serves no version of Metadata that is known here")
    }

    @Test func textFromTheClusterIsEscaped() {
        let hop = RouteReport.Hop(step: .cluster, isWell: false, finding: "a\u{1B}[2J", cure: "b\nc")
        let route = RouteReport.Route(address: "h\u{7}:1", node: 1, hops: [hop])
        let text = RouteReport(start: .init(address: "a:1", node: nil), nodes: [route]).text
        #expect(text.contains("told to be at h\\u{07}:1\n  cluster  FAILED  a\\u{1b}[2J\n  cure: b\\nc\n"), "\(text)")
    }

    private func walk(toServerAnswering answers: [FakeServer.Answer]) async throws -> RouteReport {
        let server = try await FakeServer.start(answers)
        let report = await doctor.walk(from: ListenAddress(host: "127.0.0.1", port: server.port))
        try await server.close()
        return report
    }
}
