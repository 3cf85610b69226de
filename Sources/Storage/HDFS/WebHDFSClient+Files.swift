import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What a DataNode does: the bytes of files.
extension WebHDFSClient {
    /// Why a DataNode did not do what it was asked for, where its answer says so.
    struct Refusal: Error {
        let trouble: WebHDFSAnswer.Trouble
    }

    /// Has a DataNode do `operation`, and another one where that one cannot.
    ///
    /// - Parameters:
    ///   - operation: what the NameNode is asked for; it names no DataNode of those that the list says.
    ///   - attempt: asks the DataNode. Throws `StorageError` to give up, anything else to try another one.
    func withDataNode<Result>(
        _ operation: ([String]) -> WebHDFSOperation,
        _ attempt: (DataNodeURL) async throws -> Result
    ) async throws(StorageError) -> Result {
        let clock = ContinuousClock()
        let start = clock.now
        var attempts = CallAttempts(retryFor: options.retryFor)
        // The one that failed last: those that failed before may be the only others.
        var excluded: [String] = []
        while true {
            let asked = operation(excluded)
            var failure: CallAttempts.Failure
            var problem: StorageError
            do throws(StorageError) {
                let url = try await locate(asked)
                switch await tried(url, attempt) {
                case .success(let result): return result
                case .failure(.refused(let code, let reason)): throw error(code, asked, reason)
                case .failure(.failed(let kind, let reason)):
                    (failure, problem) = (kind, error(.unavailable, asked, reason))
                    excluded = url.exclusions
                case .failure(.stopped(let stop)): throw stop
                }
            } catch  where error.code == .unavailable {
                // There is no other one now: the one that failed may be back.
                (failure, problem) = (.busy, error)
                excluded = []
            }
            guard let pause = attempts.failed(failure, after: start.duration(to: clock.now)) else { throw problem }
            try await self.pause(pause, asked)
        }
    }

    private enum Outcome<Result> {
        case success(Result)
        case failure(Failure)

        enum Failure {
            case failed(CallAttempts.Failure, String)
            case refused(StorageError.Code, String)
            case stopped(StorageError)
        }
    }

    private func tried<Result>(
        _ url: DataNodeURL,
        _ attempt: (DataNodeURL) async throws -> Result
    ) async -> Outcome<Result> {
        let trouble: WebHDFSAnswer.Trouble
        do {
            return .success(try await attempt(url))
        } catch let error as StorageError {
            return .failure(.stopped(error))
        } catch let refusal as Refusal {
            trouble = refusal.trouble
        } catch {
            trouble = Self.trouble(error, url.address)
        }
        switch trouble {
        case .failed(let kind, let reason): return .failure(.failed(kind, reason))
        case .refused(let code, let reason): return .failure(.refused(code, reason))
        }
    }

    /// The address of the DataNode that does `operation`.
    private func locate(_ operation: WebHDFSOperation) async throws(StorageError) -> DataNodeURL {
        let answer = try await call(operation)
        guard let text = answer.location ?? answer.read(WebHDFSAnswer.LocationBody.self)?.location,
            let url = DataNodeURL(text)
        else { throw error(.failed, operation, "the NameNode names no DataNode") }
        return url
    }

    /// Headers of a request to a DataNode, or to the gateway in front of it.
    func headers(for url: DataNodeURL) -> HTTPHeaders {
        var headers = HTTPHeaders()
        // A DataNode is told nothing that only the gateway may know.
        if let authorization, nodes.contains(where: url.isAt) {
            headers.add(name: "Authorization", value: authorization)
        }
        return headers
    }

    // MARK: Writing

    /// Sends a whole file in one request, to one DataNode after the other until one has it.
    ///
    /// Nobody else writes under this name, so what a try without an answer may have left is deleted, never taken for the
    /// file: it may be a part of it, and its lease may be open.
    func upload(_ bytes: ByteBuffer, to path: StoragePath) async throws(StorageError) {
        var mayExist = false
        try await withDataNode {
            .create(path, options, excluding: $0)
        } _: { url in
            if mayExist { _ = try await delete(path) }
            guard var trouble = await put(bytes, to: url) else { return }
            // An earlier try was done late.
            if case .refused(.alreadyExists, let reason) = trouble, mayExist {
                trouble = .failed(.unanswered, reason)
            }
            mayExist = mayExist || trouble.isAfterSending
            throw Refusal(trouble: trouble)
        }
    }

    /// Sends a whole file to a DataNode.
    ///
    /// - Returns: why the file is not there; `nil` if it is.
    private func put(_ bytes: ByteBuffer, to url: DataNodeURL) async -> WebHDFSAnswer.Trouble? {
        var request = HTTPClientRequest(url: url.text)
        request.method = .PUT
        request.headers = headers(for: url)
        request.body = .bytes(bytes)
        let deadline = NIODeadline.now() + TimeAmount(options.dataTimeout)
        do {
            let response = try await http.execute(request, deadline: deadline)
            return try await Self.answer(response).trouble
        } catch {
            return Self.trouble(error, url.address)
        }
    }

    /// Finds a DataNode that takes a long file. Nothing was created by those that could not be reached.
    func beginUpload(of path: StoragePath) async throws(StorageError) -> WebHDFSUpload {
        try await withDataNode {
            .create(path, options, excluding: $0)
        } _: { url in
            let upload = try WebHDFSUpload(self, to: url)
            try await upload.started()
            return upload
        }
    }

    /// Ends a long file. Where no answer comes, the NameNode is asked whether the file is closed and whole.
    func finish(_ upload: WebHDFSUpload, of path: StoragePath, bytes: Int64) async throws(StorageError) {
        let operation = WebHDFSOperation.blocks(path)
        let trouble: WebHDFSAnswer.Trouble
        do {
            guard let found = try await upload.finish().trouble else { return }
            trouble = found
        } catch {
            trouble = Self.trouble(error, upload.url.address)
        }
        let reason: String
        switch trouble {
        case .refused(let code, let words): throw error(code, operation, words)
        case .failed(_, let words): reason = words
        }
        let clock = ContinuousClock()
        let start = clock.now
        var attempts = CallAttempts(retryFor: options.retryFor)
        while true {
            guard let found = try await call(operation).read(WebHDFSAnswer.BlocksBody.self)?.blocks else {
                throw error(.unavailable, operation, reason)
            }
            if !found.isUnderConstruction {
                if found.fileLength == bytes { return }
                throw error(.unavailable, operation, "\(reason); \(found.fileLength) of \(bytes) bytes arrived")
            }
            guard let pause = attempts.failed(.busy, after: start.duration(to: clock.now)) else {
                throw error(.unavailable, operation, "\(reason); the file is not closed yet")
            }
            try await self.pause(pause, operation)
        }
    }

    /// Why an upload takes no more bytes: what the DataNode said, where it did.
    func reason(of upload: WebHDFSUpload, _ broken: any Error, _ path: StoragePath) async -> StorageError {
        let operation = WebHDFSOperation.status(path, for: .write)
        var trouble = Self.trouble(broken, upload.url.address)
        upload.cancel()
        if let said = try? await upload.answer().trouble { trouble = said }
        return switch trouble {
        case .refused(let code, let reason): error(code, operation, reason)
        case .failed(_, let reason): error(.unavailable, operation, reason)
        }
    }

    // MARK: Reading

    /// Begins to read `range` of a file, which is not empty.
    ///
    /// - Returns: the connection, and the first bytes.
    func download(
        _ path: StoragePath,
        _ range: Range<Int64>
    ) async throws(StorageError) -> (WebHDFSDownload, ByteBuffer) {
        try await withDataNode {
            .open(path, from: range.lowerBound, count: range.upperBound - range.lowerBound, excluding: $0)
        } _: { url in
            let download = WebHDFSDownload()
            try download.start(self, url)
            let head = try await download.head()
            guard head.status == .ok || head.status == .partialContent else {
                let answer = try await download.answer(head)
                let words = "the DataNode's answer is HTTP \(answer.status)"
                throw Refusal(trouble: answer.trouble ?? .refused(.failed, words))
            }
            guard let first = try await download.next() else { throw HTTPClientError.remoteConnectionClosed }
            return (download, first)
        }
    }
}

/// The URL of a DataNode that a NameNode gave.
struct DataNodeURL: Sendable {
    let text: String
    let host: String
    let port: Int
    private let isSecure: Bool

    init?(_ text: String) {
        guard let components = URLComponents(string: text), let host = components.host, !host.isEmpty,
            let scheme = components.scheme?.lowercased(), scheme == "http" || scheme == "https"
        else { return nil }
        self.text = text
        self.host = host
        isSecure = scheme == "https"
        port = components.port ?? (isSecure ? 443 : 80)
    }

    /// Whether it is that server, which a gateway is for its DataNodes too.
    func isAt(_ node: NameNodeAddress) -> Bool {
        isSecure == node.isSecure && port == node.port && host.lowercased() == node.host.lowercased()
    }

    var address: String { "\(host):\(port)" }

    /// What a NameNode is told so that it names another one: it looks for the host, or for the address.
    var exclusions: [String] { [host, address] }
}
