import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A file on its way to a DataNode, piece by piece.
///
/// A piece is handed on when the connection has room for it, so memory holds one, and what the socket takes.
final class WebHDFSUpload: Sendable {
    let url: DataNodeURL
    private let task: HTTPClient.Task<HTTPClient.Response>
    /// Takes the pieces, once the connection is there.
    private let body: EventLoopPromise<HTTPClient.Body.StreamWriter>
    /// Kept when the last piece was handed on.
    private let end: EventLoopPromise<Void>
    private let timeout: TimeAmount

    init(_ client: WebHDFSClient, to url: DataNodeURL) throws {
        self.url = url
        let loop = client.http.eventLoopGroup.any()
        let (body, end) = (loop.makePromise(of: HTTPClient.Body.StreamWriter.self), loop.makePromise(of: Void.self))
        let request = try HTTPClient.Request(
            url: url.text,
            method: .PUT,
            headers: client.headers(for: url),
            body: .stream(contentLength: nil) { writer in
                body.succeed(writer)
                return end.futureResult
            }
        )
        self.body = body
        self.end = end
        timeout = TimeAmount(client.options.dataTimeout)
        task = client.http.execute(
            request: request,
            delegate: ResponseAccumulator(request: request, maxBodySize: HDFSLimits.answerBytes),
            deadline: nil
        )
        task.futureResult.whenComplete { result in
            // Without a connection nobody asks for the body; with an early answer nobody wants its rest.
            let error: any Error
            if case .failure(let failure) = result {
                error = failure
            } else {
                error = HTTPClientError.requestStreamCancelled
            }
            body.fail(error)
            end.fail(error)
        }
    }

    /// Waits for the connection. Nothing is created on the HDFS where this throws.
    func started() async throws {
        _ = try await body.futureResult.get()
    }

    /// Hands a piece on. Whoever calls is told of a DataNode that takes nothing any more.
    func send(_ piece: ByteBuffer) async throws {
        let writer = try await body.futureResult.get()
        let written = writer.write(.byteBuffer(piece))
        let task = task
        let stalled = written.eventLoop.scheduleTask(in: timeout) { task.fail(reason: HTTPClientError.writeTimeout) }
        defer { stalled.cancel() }
        try await written.get()
    }

    /// Says that the file is whole, and waits for the answer.
    func finish() async throws -> WebHDFSAnswer {
        end.succeed(())
        return try await answer()
    }

    /// The answer of the DataNode, which also comes early where it refuses the file.
    func answer() async throws -> WebHDFSAnswer {
        let response = try await task.futureResult.get()
        return WebHDFSAnswer(
            status: Int(response.status.code),
            body: response.body.map { Array(buffer: $0) } ?? []
        )
    }

    /// Ends the connection; the DataNode closes what it has of the file.
    func cancel() {
        task.cancel()
    }
}
