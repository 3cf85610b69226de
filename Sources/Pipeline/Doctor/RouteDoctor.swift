package import Ingestor
import KafkaProtocol
import NIOCore

/// Walks the way of a client to a Kafka cluster, hop by hop, and says which hop fails and how to mend it. It needs no
/// library of Kafka's: such a library only says that no broker can be reached.
package struct RouteDoctor: Sendable {
    /// Bounds of a walk.
    enum Limits {
        /// Nodes that are looked at; further ones are counted.
        static let nodesMax = 200
        /// Nodes that are looked at together.
        static let nodesAtOnceMax = 16
    }

    /// What a broker tells.
    private struct Told {
        let metadata: MetadataResponse
        /// Whether the connection leads to this machine itself.
        let isLoopback: Bool
    }

    private let timeout: TimeAmount
    private let lookup: HostNames.Lookup

    /// - Parameter seconds: The time that each hop may take.
    package init(seconds: Int) {
        self.init(timeout: .seconds(Int64(seconds)), lookup: HostNames.system)
    }

    init(timeout: TimeAmount, lookup: @escaping HostNames.Lookup) {
        self.timeout = timeout
        self.lookup = lookup
    }

    package func walk(from address: ListenAddress) async -> RouteReport {
        var start = RouteReport.Route(address: "\(address)", node: nil)
        guard let told = await walk(to: address, .person, &start) else { return RouteReport(start: start) }
        let nodes = told.metadata.brokers.sorted { $0.nodeID < $1.nodeID }
        let looked = nodes.prefix(Limits.nodesMax)
        let routes = await withTaskGroup(of: (Int, RouteReport.Route).self) { tasks in
            var routes: [(Int, RouteReport.Route)] = []
            for (place, node) in looked.enumerated() {
                if place >= Limits.nodesAtOnceMax, let done = await tasks.next() { routes.append(done) }
                tasks.addTask { (place, await walk(to: node, told)) }
            }
            for await done in tasks { routes.append(done) }
            return routes.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return RouteReport(start: start, nodes: routes, nodesLeftOut: nodes.count - looked.count)
    }

    /// The way to a node, by the address that the cluster tells.
    private func walk(to node: MetadataResponse.Broker, _ told: Told) async -> RouteReport.Route {
        let address = ListenAddress(host: node.host, port: Int(node.port))
        var route = RouteReport.Route(address: "\(address)", node: node.nodeID)
        if let problem = Self.problem(with: address, told) {
            route.hops.append(.init(step: .advertised, isWell: false, finding: problem.0, cure: problem.1))
            return route
        }
        guard let there = await walk(to: address, .cluster, &route) else { return route }
        if let id = told.metadata.clusterID, let other = there.metadata.clusterID, id != other {
            route.hops.append(
                .init(
                    step: .cluster,
                    isWell: false,
                    finding: "another cluster answers there: \(other) instead of \(id)",
                    cure: "advertise an address that leads to the node from here, in advertised.listeners (of hera: "
                        + "--advertise)"
                )
            )
        } else {
            route.hops.append(.init(step: .cluster, isWell: true, finding: "the same cluster", cure: nil))
        }
        return route
    }

    /// What makes an advertised address one that leads no client to the node, with the cure.
    private static func problem(with address: ListenAddress, _ told: Told) -> (String, String)? {
        let cure =
            "advertise the name and port by which clients reach the node, in advertised.listeners (of hera: --advertise)"
        if address.host.isEmpty || address.port < 1 { return ("that is no address", cure) }
        if address.isWildcard { return ("a wildcard: every client would connect to itself", cure) }
        if address.isLoopback, !told.isLoopback {
            return ("that is every client's own machine, and the node is on another one", cure)
        }
        return nil
    }

    /// Walks to one address and notes the hops.
    ///
    /// - Returns: what the broker there tells; `nil` where a hop failed.
    private func walk(
        to address: ListenAddress,
        _ origin: HopFailure.Origin,
        _ route: inout RouteReport.Route
    ) async -> Told? {
        var step = RouteReport.Hop.Step.resolve
        func passed(_ next: RouteReport.Hop.Step, _ finding: String) {
            route.hops.append(.init(step: step, isWell: true, finding: finding, cure: nil))
            step = next
        }
        do throws(HopFailure) {
            let addresses = try await HostNames.addresses(of: address.host, address.port, by: lookup, within: timeout)
            passed(.connect, addresses.compactMap(\.ipAddress).joined(separator: ", "))
            let (connection, socket) = try await HopConnection.open(addresses, timeout: timeout)
            let place = ListenAddress(host: socket.ipAddress ?? "", port: address.port)
            passed(.protocol, "\(place)")
            let result = await asking { () throws(HopFailure) in
                let versions = try await apiVersions(connection, socket)
                passed(.metadata, "Kafka's: \(versions.apis.count) calls")
                let metadata = try await metadata(connection, versions)
                passed(.cluster, Self.summary(metadata))
                return metadata
            }
            await connection.close()
            return Told(metadata: try result.get(), isLoopback: place.isLoopback)
        } catch {
            route.hops.append(error.hop(step, route.address, origin))
            return nil
        }
    }

    private func asking<Value>(_ body: () async throws(HopFailure) -> Value) async -> Result<Value, HopFailure> {
        do throws(HopFailure) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    private func apiVersions(
        _ connection: HopConnection,
        _ address: SocketAddress
    ) async throws(HopFailure) -> ApiVersionsResponse {
        let response: ApiVersionsResponse
        do throws(HopFailure) {
            response = try await connection.ask(ApiVersionsRequest(), version: 0)
        } catch {
            // Servers of TLS close the connection on other bytes, or wait for more of them.
            guard error == .closed || error == .noAnswer else { throw error }
            throw await HopConnection.speaksTLS(address, timeout: timeout) ? .tls : error
        }
        guard response.errorCode == .none else { throw .refused("\(response.errorCode)") }
        return response
    }

    /// The nodes, without topics.
    private func metadata(
        _ connection: HopConnection,
        _ served: ApiVersionsResponse
    ) async throws(HopFailure) -> MetadataResponse {
        let known = APIKey.metadata.supportedVersions
        guard let there = served.apis.first(where: { $0.key == APIKey.metadata.rawValue }),
            // An empty list means all topics in version 0.
            there.maxVersion >= max(1, there.minVersion), there.minVersion <= known.upperBound
        else { throw .versions("Metadata") }
        let request = MetadataRequest(topics: [], allowsAutoTopicCreation: false)
        let response: MetadataResponse = try await connection.ask(
            request,
            version: min(there.maxVersion, known.upperBound)
        )
        guard !response.brokers.isEmpty else { throw .refused("that the cluster has no node yet") }
        return response
    }

    private static func summary(_ metadata: MetadataResponse) -> String {
        let nodes = metadata.brokers.count == 1 ? "1 node" : "\(metadata.brokers.count) nodes"
        return (metadata.clusterID.map { "cluster \($0), " } ?? "") + nodes
    }
}
