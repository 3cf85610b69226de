import PlainText

/// How the way of a client to a Kafka cluster was found, hop by hop: to the address that it starts from, and from there to
/// every address that the cluster tells it.
package struct RouteReport: Sendable, Equatable, Encodable {
    /// One step of the way.
    package struct Hop: Sendable, Equatable, Encodable {
        package enum Step: String, Sendable, Encodable {
            /// The name has an address.
            case resolve
            /// Something listens there.
            case connect
            /// It speaks Kafka's protocol.
            case `protocol`
            /// It tells the nodes of the cluster.
            case metadata
            /// The address that a node has clients told can be one.
            case advertised
            /// The node there belongs to the same cluster.
            case cluster
        }

        package let step: Step
        package let isWell: Bool
        /// What was found, or what is wrong.
        package let finding: String
        /// What to do; `nil` where nothing is wrong.
        package let cure: String?
    }

    /// The way to one address. It ends with the first hop that fails.
    package struct Route: Sendable, Equatable, Encodable {
        /// `HOST:PORT`
        package let address: String
        /// The node that is told to be there; `nil` for the address to start from.
        package let node: Int32?
        package internal(set) var hops: [Hop] = []

        package var isWell: Bool { hops.allSatisfy(\.isWell) }
    }

    package let start: Route
    /// To each node, in the order of their numbers.
    package let nodes: [Route]
    /// Nodes that were not looked at, since the cluster tells of very many.
    package let nodesLeftOut: Int
    package let isWell: Bool

    init(start: Route, nodes: [Route] = [], nodesLeftOut: Int = 0) {
        self.start = start
        self.nodes = nodes
        self.nodesLeftOut = nodesLeftOut
        isWell = start.isWell && nodes.allSatisfy(\.isWell)
    }
}

extension RouteReport {
    /// The report for a terminal.
    package var text: String {
        var lines = Self.lines(start, "\(start.address)")
        for route in nodes {
            lines += [""] + Self.lines(route, "node \(route.node ?? -1), told to be at \(route.address)")
        }
        return (lines + ["", verdict]).joined(separator: "\n")
    }

    private static func lines(_ route: Route, _ title: String) -> [String] {
        let table = TextTable(
            nil,
            route.hops.map { ["  \($0.step.rawValue)", $0.isWell ? "ok" : "FAILED", $0.finding] },
            rightAligned: .none
        )
        // The hop that fails is the last one.
        let cure = route.hops.last?.cure.map { ["  cure: " + PrintableText.escaping($0)] } ?? []
        return [PrintableText.escaping(title)] + table.lines + cure
    }

    private var verdict: String {
        guard start.isWell else {
            return "a client that starts from \(PrintableText.escaping(start.address)) gets nowhere"
        }
        let failed = nodes.count { !$0.isWell }
        let others = nodesLeftOut > 0 ? "; \(nodesLeftOut) further nodes were not looked at" : ""
        guard failed > 0 else {
            return (nodes.count == 1 ? "the node is reached" : "all \(nodes.count) nodes are reached") + others
        }
        return "\(failed) of \(nodes.count) nodes \(failed == 1 ? "is" : "are") not reached" + others
    }
}
