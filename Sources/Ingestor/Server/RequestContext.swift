import NIOCore

/// What a handler knows of where a request came from.
struct RequestContext {
    /// The version that the request is written in.
    let version: Int16
    /// The client's name for itself.
    let clientID: String
    /// Where clients of this connection shall go: the address they came by, or the one that was set.
    let advertised: ListenAddress
    /// The connection's event loop: answers that come later come on it.
    let eventLoop: any EventLoop
}
