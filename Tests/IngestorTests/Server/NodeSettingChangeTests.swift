import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// `offsets.retention.minutes` is changed while the node runs.
@Suite(.timeLimit(.minutes(5)))
struct NodeSettingChangeTests {
    private static let broker = ConfigurationResource.broker.rawValue
    private static let name = "offsets.retention.minutes"

    private func alter(
        _ node: String,
        _ entries: [IncrementalAlterConfigsRequest.Entry],
        validatesOnly: Bool = false,
        _ client: inout WireClient
    ) async throws -> ErrorCode {
        let response: IncrementalAlterConfigsResponse = try await client.exchange(
            IncrementalAlterConfigsRequest(
                resources: [.init(type: Self.broker, name: node, entries: entries)],
                validatesOnly: validatesOnly
            ),
            version: 1
        )
        return response.resources[0].errorCode
    }

    private func entry(_ operation: ConfigurationOperation, _ value: String?, name: String = Self.name)
        -> IncrementalAlterConfigsRequest.Entry
    {
        .init(name: name, operation: operation.rawValue, value: value)
    }

    /// The value with its sources, as DescribeConfigs shows them.
    private func shown(_ node: String, _ client: inout WireClient) async throws -> [String] {
        var request = DescribeConfigsRequest(resources: [.init(type: Self.broker, name: node, keys: [Self.name])])
        request.includesSynonyms = true
        let response: DescribeConfigsResponse = try await client.exchange(request, version: 4)
        let entries = response.results.flatMap(\.entries)
        #expect(entries.allSatisfy { !$0.isReadOnly && $0.source == $0.synonyms.first?.source })
        return entries.flatMap(\.synonyms).map { "\($0.value ?? "") \($0.source)" }
    }

    private func expect(_ node: String, shows expected: [String], _ client: inout WireClient) async throws {
        let found = try await shown(node, &client)
        #expect(found == expected)
    }

    private func expect(
        _ node: String,
        _ entries: [IncrementalAlterConfigsRequest.Entry],
        validatesOnly: Bool = false,
        gives expected: ErrorCode,
        _ client: inout WireClient
    ) async throws {
        let found = try await alter(node, entries, validatesOnly: validatesOnly, &client)
        #expect(found == expected, "\(entries)")
    }

    @Test func itIsInUseShownWithItsSourceAndStays() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, configure: { $0.limits.offsetsRetentionMinutes = 100 }) { address in
                try await withConnection(to: address) { client in
                    try await expect("0", shows: ["100 4", "10080 5"], &client)
                    try await expect("", shows: [], &client)
                    try await expect("0", [entry(.set, "30")], validatesOnly: true, gives: .none, &client)
                    try await expect("0", shows: ["100 4", "10080 5"], &client)
                    try await expect("", [entry(.set, "30")], gives: .none, &client)
                    try await expect("0", [entry(.set, "20")], gives: .none, &client)
                    try await expect("0", shows: ["20 2", "30 3", "100 4", "10080 5"], &client)
                    try await expect("", shows: ["30 3"], &client)
                }
            }
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    try await expect("0", shows: ["20 2", "30 3", "10080 5"], &client)
                    try await expect("0", [entry(.delete, nil)], gives: .none, &client)
                    try await expect("0", shows: ["30 3", "10080 5"], &client)
                    // The older call replaces all that was set.
                    let response: AlterConfigsResponse = try await client.exchange(
                        AlterConfigsRequest(resources: [.init(type: Self.broker, name: "", entries: [])]),
                        version: 1
                    )
                    #expect(response.resources.map(\.errorCode) == [.none])
                    try await expect("0", shows: ["10080 5"], &client)
                }
            }
        }
    }

    @Test func whatCannotBeChangedIsRefused() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let cases: [(String, [IncrementalAlterConfigsRequest.Entry], ErrorCode)] = [
                    ("0", [entry(.set, "0")], .invalidConfig), ("0", [entry(.set, "soon")], .invalidConfig),
                    ("0", [entry(.append, "5")], .invalidConfig), ("0", [entry(.set, nil)], .invalidRequest),
                    ("7", [entry(.set, "5")], .invalidRequest),
                    ("0", [entry(.set, "5"), entry(.delete, nil)], .invalidRequest),
                    ("0", [entry(.set, "5", name: "node.id")], .invalidRequest),
                    ("0", [entry(.set, "5"), entry(.set, "5", name: "num.partitions")], .invalidRequest),
                    ("", [entry(.delete, nil, name: "no.setting")], .invalidRequest),
                ]
                for (node, entries, code) in cases {
                    try await expect(node, entries, gives: code, &client)
                }
                try await expect("0", shows: ["10080 5"], &client)
            }
        }
    }
}
