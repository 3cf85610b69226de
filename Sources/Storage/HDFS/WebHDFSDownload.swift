import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A part of a file on its way from a DataNode: some of it is read ahead, and no more.
final class WebHDFSDownload: HTTPClientResponseDelegate, Sendable {
    typealias Response = Void

    private struct State {
        var head: HTTPResponseHead?
        var parts: [ByteBuffer] = []
        var bytes = 0
        /// Kept when there is room for more.
        var room: EventLoopPromise<Void>?
        var end: Result<Void, any Error>?
        /// Who waits for a head, a part or the end.
        var waiter: CheckedContinuation<Void, Never>?
        var task: HTTPClient.Task<Void>?
    }

    private let state = Mutex(State())

    /// Begins it.
    ///
    /// - Throws: the error of a URL that cannot be requested.
    func start(_ client: WebHDFSClient, _ url: DataNodeURL) throws {
        let request = try HTTPClient.Request(
            url: url.text,
            method: .GET,
            headers: client.headers(for: url)
        )
        let task = client.http.execute(request: request, delegate: self, deadline: nil)
        state.withLock { state in
            if state.end == nil { state.task = task }
        }
    }

    /// The status and headers.
    func head() async throws -> HTTPResponseHead {
        while true {
            let (head, end) = state.withLock { ($0.head, $0.end) }
            if let head { return head }
            if case .failure(let error) = end { throw error }
            if case .success = end { throw HTTPClientError.remoteConnectionClosed }
            await change { $0.head != nil || $0.end != nil }
        }
    }

    /// The next bytes; `nil` at the end.
    func next() async throws -> ByteBuffer? {
        while true {
            let (part, room, end) = state.withLock { state in
                guard !state.parts.isEmpty else { return (ByteBuffer?.none, EventLoopPromise<Void>?.none, state.end) }
                let part = state.parts.removeFirst()
                state.bytes -= part.readableBytes
                guard state.bytes < HDFSLimits.readAheadBytes else { return (part, nil, nil) }
                defer { state.room = nil }
                return (part, state.room, nil)
            }
            room?.succeed(())
            if let part { return part }
            switch end {
            case .success: return nil
            case .failure(let error): throw error
            case nil: await change { !$0.parts.isEmpty || $0.end != nil }
            }
        }
    }

    /// All that comes, as an answer that is no file.
    func answer(_ head: HTTPResponseHead) async throws -> WebHDFSAnswer {
        var bytes: [UInt8] = []
        while bytes.count < HDFSLimits.answerBytes, let part = try await next() { bytes += part.readableBytesView }
        return WebHDFSAnswer(status: Int(head.status.code), body: bytes)
    }

    /// Ends the connection. May be repeated.
    func cancel() {
        let (task, room) = state.withLock { state in
            defer { state.room = nil }
            return (state.task, state.room)
        }
        task?.cancel()
        room?.fail(HTTPClientError.cancelled)
    }

    private func change(_ isReady: (State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if isReady(state) { return true }
                    state.waiter = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            // The connection then ends with an error, which wakes the waiter.
            cancel()
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        update { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let room = task.eventLoop.makePromise(of: Void.self)
        var isFull = false
        update { state in
            state.parts.append(buffer)
            state.bytes += buffer.readableBytes
            isFull = state.bytes >= HDFSLimits.readAheadBytes
            if isFull { state.room = room }
        }
        if !isFull { room.succeed(()) }
        return room.futureResult
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        end(.failure(error))
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        end(.success(()))
    }

    /// The connection holds this value, which lets go of it here.
    private func end(_ result: Result<Void, any Error>) {
        update { state in
            state.task = nil
            if state.end == nil { state.end = result }
        }
    }
}
