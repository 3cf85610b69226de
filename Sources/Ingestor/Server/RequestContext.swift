import NIOCore

/// What a handler knows about a request beside its fields.
struct RequestContext {
    /// The version that the request is written in.
    let version: Int16
    /// The client's name for itself.
    let clientID: String
    /// The address it connects from, as Kafka writes it: `/127.0.0.1`. Empty where it has none.
    let clientHost: String
    let origin: ConnectionOrigin
    /// The address that clients of this connection are told: the one that they connected to, or the advertised one.
    let advertised: ListenAddress
    /// The connection's event loop: answers that come later come on it.
    let eventLoop: any EventLoop
}

/// Who is connected, and over which listener. One object, so that a request's context takes one reference to it.
final class ConnectionOrigin: Sendable {
    /// The listener's name, as in Kafka's `listeners`.
    let listener: String
    /// The address that clients of this listener are told; with `nil`, the one that they connected to.
    let advertised: ListenAddress?
    let principal: Principal
    /// Counts what the listener's connections do.
    let metrics: ListenerMetrics

    init(listener: String, advertised: ListenAddress? = nil, principal: Principal) {
        self.listener = listener
        self.advertised = advertised
        self.principal = principal
        metrics = ListenerMetrics(listener)
    }
}

/// Who sends the requests of a connection, written as Kafka's ACLs write it.
struct Principal: Sendable, Hashable, CustomStringConvertible {
    /// A client that did not authenticate.
    static let anonymous = Principal(type: "User", name: "ANONYMOUS")

    let type: String
    let name: String

    var description: String { "\(type):\(name)" }
}
