import Ingestor
import KafkaProtocol
import PipelineTesting
import Testing

/// A client is sent back on the route it came by.
@Suite(.timeLimit(.minutes(15))) struct ListenerTests {
    private let external = ListenAddress(host: "kafka.example", port: 31_001)

    /// What a client that comes by `address` is told, by each call that tells it.
    private func route(by address: ListenAddress) async throws -> [String] {
        try await withConnection(to: address) { client in
            let metadata: MetadataResponse = try await client.exchange(MetadataRequest(), version: 9)
            let coordinator: FindCoordinatorResponse = try await client.exchange(
                FindCoordinatorRequest(keyType: 0, keys: ["a", "b"]),
                version: 4
            )
            let cluster: DescribeClusterResponse = try await client.exchange(DescribeClusterRequest(), version: 0)
            return metadata.brokers.map { "\($0.host):\($0.port)" }
                + coordinator.coordinators.map { "\($0.host):\($0.port)" }
                + cluster.brokers.map { "\($0.host):\($0.port)" }
        }
    }

    @Test func clientsAreToldTheRouteTheyCameBy() async throws {
        let listeners = [ListenerConfiguration.free("internal"), .free("external", advertised: external)]
        try await serving(listeners) { bound in
            #expect(bound.map(\.name) == ["internal", "external"])
            let inside = try await route(by: bound[0].address)
            #expect(inside == Array(repeating: "\(bound[0].address)", count: 4))
            let outside = try await route(by: bound[1].address)
            #expect(outside == Array(repeating: "\(external)", count: 4))
        }
    }

    @Test(arguments: ["0.0.0.0", "::"])
    func wildcardIsNotAdvertised(host: String) async throws {
        let wildcard = ListenAddress(host: host, port: 31_001)
        try await serving([.free("a", advertised: wildcard), .free("b", advertised: wildcard)]) { bound in
            for listener in bound {
                let route = try await route(by: listener.address)
                #expect(route == Array(repeating: "\(listener.address)", count: 4))
            }
        }
    }

    @Test func listenersShareTopics() async throws {
        try await serving([.free("a"), .free("b")]) { bound in
            for (place, listener) in bound.enumerated() {
                try await withConnection(to: listener.address) { client in
                    let response: MetadataResponse = try await client.exchange(
                        MetadataRequest(topics: ["events"], allowsAutoTopicCreation: place == 0),
                        version: 9
                    )
                    #expect(response.topics.map(\.errorCode) == [.none])
                }
            }
        }
    }

    @Test func nodeShowsItsListeners() async throws {
        let listeners = [ListenerConfiguration.free("internal"), .free("external", advertised: external)]
        try await serving(listeners) { bound in
            try await withConnection(to: bound[0].address) { client in
                let request = DescribeConfigsRequest(
                    resources: [.init(type: ConfigurationResource.broker.rawValue, name: "0", keys: nil)]
                )
                let response: DescribeConfigsResponse = try await client.exchange(request, version: 4)
                let entries = response.results.first?.entries ?? []
                let values = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value ?? "") })
                #expect(
                    values["advertised.listeners"]
                        == "internal://\(bound[0].address),external://kafka.example:31001"
                )
                #expect(values["inter.broker.listener.name"] == "internal")
                #expect(values["listener.security.protocol.map"] == "internal:PLAINTEXT,external:PLAINTEXT")
                #expect(values["listeners"] == "internal://127.0.0.1:0,external://127.0.0.1:0")
                let configured = entries.filter { $0.source == ConfigurationSource.staticBroker.rawValue }.map(\.name)
                #expect(configured.contains("advertised.listeners"))
            }
        }
    }

    @Test func noListenerServesWhereOneAddressIsTaken() async throws {
        try await withIngestor { taken in
            let error = await #expect(throws: IngestorError.self) {
                let second = ListenerConfiguration(name: "second", listen: taken)
                try await serving([.free("first"), second]) { _ in }
            }
            #expect(error?.code == .address)
            #expect(error?.message.contains("\(taken)") == true)
        }
    }

    @Test func listeningBeyondLoopbackIsWarnedOf() async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.listeners[0].listen.host = "0.0.0.0" }) { _ in }
        #expect(log.contains("warning listening beyond this machine without authentication"))
    }

    private func serving(
        _ listeners: [ListenerConfiguration],
        _ body: ([BoundListener]) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await withListeners(in: directory, configure: { $0.listeners = listeners }, body)
        }
    }
}
