import CommitLog
import KafkaProtocol
import NIOCore

/// The outcome of a request.
enum Reply {
    /// The answer.
    case now(Answer)
    /// An answer that comes on the connection's event loop; the next request waits for it.
    case later(Pending)
    /// No answer: the client wants none.
    case nothing
    /// No answer can tell the client what is wrong: the connection is closed, for this reason.
    case close(String)

    /// A request that waits for something.
    struct Pending {
        /// The outcome, on the connection's event loop; a failure closes the connection.
        let reply: EventLoopFuture<Settled>
        /// Whether the request's bytes are in use until then. Otherwise their memory is free for other requests: this one
        /// may wait for one of them.
        var needsRequest = true
        /// The client disconnected: release what is held for it.
        var abandon: (@Sendable () -> Void)?
        /// The ingestor stops: answer now, with what there is.
        var completeNow: (@Sendable () -> Void)?
    }

    /// The final outcome of a request.
    enum Settled: Sendable {
        case answer(Answer)
        case nothing
        case close(String)
    }

    /// A reply whose outcome is known.
    init(_ settled: Settled) {
        switch settled {
        case .answer(let answer): self = .now(answer)
        case .nothing: self = .nothing
        case .close(let reason): self = .close(reason)
        }
    }

    /// A reply that comes later and holds nothing.
    static func later(_ reply: EventLoopFuture<Settled>) -> Reply {
        .later(Pending(reply: reply))
    }
}

/// A response, and the parts of logs that are sent from their files in the places it leaves for them.
struct Answer: Sendable {
    var body: any WireResponse
    /// In the order of ``FetchedRecords/external(byteCount:)`` in the body.
    var slices: [LogSlice] = []
    /// The version to write it in, where that is not the request's.
    var version: Int16?

    init(_ body: any WireResponse, slices: [LogSlice] = [], version: Int16? = nil) {
        self.body = body
        self.slices = slices
        self.version = version
    }
}
