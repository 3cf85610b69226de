import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The connections to one HDFS: asks the active NameNode, finds it again when another one is, and tries again what may be
/// tried again.
///
/// Addresses of DataNodes come from the NameNode. Passwords are sent to the server that was named by configuration alone;
/// a token is part of the address that the NameNode gives for a DataNode.
final class WebHDFSClient: Sendable {
    let options: HDFSOptions
    let nodes: [NameNodeAddress]
    let http: HTTPClient
    /// What stands in front of paths where they are shown.
    private let server: String
    private let identity: [(name: String, value: String)]
    let authorization: String?
    private let base: String
    /// The NameNode that answered last.
    private let active = Mutex(0)
    /// Whether the last call was given up since no NameNode could do it. The next ones then ask each NameNode once: a
    /// caller that stops has many calls to make, and must not wait for the end of each.
    private let isDown = Mutex(false)

    /// - Throws: `StorageError` if no address of a NameNode is known, or a file of the options cannot be read.
    init(_ location: HDFSLocation, _ options: HDFSOptions) throws(StorageError) {
        self.options = options
        server = location.server
        let (nodes, user) = (try NameNodes.addresses(of: location, options), location.user ?? options.user)
        self.nodes = nodes
        base = options.httpPath.hasSuffix("/") ? String(options.httpPath.dropLast()) : options.httpPath
        if let token = options.token {
            identity = [(name: "delegation", value: token)]
        } else if options.password == nil, !user.isEmpty {
            identity = [(name: "user.name", value: user)]
        } else {
            identity = []
        }
        authorization = options.password.map { "Basic " + Data("\(user):\($0)".utf8).base64EncodedString() }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try Self.configuration(options))
    }

    deinit {
        // Nothing is under way: every call holds this client.
        let http = http
        http.shutdown { _ in withExtendedLifetime(http) {} }
    }

    private static func configuration(_ options: HDFSOptions) throws(StorageError) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(HDFSLimits.connectTimeout),
                read: TimeAmount(options.dataTimeout)
            ),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = TimeAmount(HDFSLimits.idleConnection)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = HDFSLimits.connectionsPerServer
        // A DataNode that cannot be reached is left out at once, not when the time for connecting is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let path = options.certificateAuthorities {
            do {
                let certificates = try NIOSSLCertificate.fromPEMFile(path)
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(certificates)
                configuration.tlsConfiguration = tls
            } catch {
                throw StorageError(
                    .failed,
                    .read,
                    path,
                    "it holds no certificates in PEM form, or cannot be read (storage.ca-file)"
                )
            }
        }
        return configuration
    }

    /// Asks the NameNodes until one has done it.
    ///
    /// - Throws: `StorageError`; with the code `answerLost` if the call may not be done twice and no answer came,
    ///   `unavailable` if no NameNode could do it for as long as `retryFor`.
    func call(_ operation: WebHDFSOperation) async throws(StorageError) -> WebHDFSAnswer {
        let clock = ContinuousClock()
        let start = clock.now
        var attempts = CallAttempts(
            servers: nodes.count,
            first: active.withLock { $0 },
            retryFor: isDown.withLock { $0 } ? .zero : options.retryFor
        )
        while true {
            let server = attempts.server
            let node = nodes[server]
            let trouble: WebHDFSAnswer.Trouble
            do {
                let answer = try await ask(node, operation)
                guard let found = answer.trouble else {
                    active.withLock { $0 = server }
                    isDown.withLock { $0 = false }
                    return answer
                }
                trouble = found
            } catch {
                trouble = Self.trouble(error, node.description)
            }
            switch trouble {
            case .refused(let code, let reason):
                if code != .failed {
                    active.withLock { $0 = server }
                    isDown.withLock { $0 = false }
                }
                throw error(code, operation, reason)
            case .failed(.unanswered, let reason) where !operation.isRepeatable:
                throw error(.answerLost, operation, reason)
            case .failed(let failure, let reason):
                guard let pause = attempts.failed(failure, after: start.duration(to: clock.now)) else {
                    isDown.withLock { $0 = true }
                    throw error(.unavailable, operation, reason)
                }
                try await self.pause(pause, operation)
            }
        }
    }

    /// What is known about a name.
    ///
    /// - Throws: `StorageError` with the code `notFound` if nothing has it.
    func status(
        of path: StoragePath,
        for what: StorageError.Operation = .stat
    ) async throws(StorageError) -> FileStatus {
        let operation = WebHDFSOperation.status(path, for: what)
        return try await call(operation, WebHDFSAnswer.StatusBody.self).status.fileStatus(at: path)
    }

    /// Deletes a file or an empty directory.
    ///
    /// - Returns: Whether there was one; `false` also where an earlier try of this call, whose answer was lost, did it.
    func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        try await call(.delete(path), WebHDFSAnswer.BooleanBody.self).boolean
    }

    /// As `call`, and reads the answer.
    func call<Body: Decodable>(
        _ operation: WebHDFSOperation,
        _ type: Body.Type
    ) async throws(StorageError) -> Body {
        guard let body = try await call(operation).read(type) else {
            throw error(.failed, operation, "the NameNode's answer cannot be read")
        }
        return body
    }

    /// Waits before a call is tried again.
    func pause(_ pause: Duration, _ operation: WebHDFSOperation) async throws(StorageError) {
        if pause == .zero { return }
        do {
            try await ContinuousClock().sleep(for: pause)
        } catch {
            throw self.error(.unavailable, operation, "the call was cancelled")
        }
    }

    func error(_ code: StorageError.Code, _ operation: WebHDFSOperation, _ reason: String) -> StorageError {
        StorageError(code, operation.what, description(of: operation.path), reason)
    }

    /// A path as it is shown.
    func description(of path: StoragePath) -> String { "\(server)/\(path.string)" }

    private func ask(_ node: NameNodeAddress, _ operation: WebHDFSOperation) async throws -> WebHDFSAnswer {
        var request = HTTPClientRequest(url: node.origin + operation.target(base: base, identity: identity))
        request.method = operation.method
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        let deadline = NIODeadline.now() + TimeAmount(options.answerTimeout)
        let response = try await http.execute(request, deadline: deadline)
        return try await Self.answer(response)
    }

    static func answer(_ response: HTTPClientResponse) async throws -> WebHDFSAnswer {
        let body = try await response.body.collect(upTo: HDFSLimits.answerBytes)
        return WebHDFSAnswer(
            status: Int(response.status.code),
            location: response.headers.first(name: "Location"),
            asksForKerberos: response.headers[canonicalForm: "WWW-Authenticate"].contains { $0.hasPrefix("Negotiate") },
            body: Array(buffer: body)
        )
    }

    /// What an error of the connection to `server` means.
    static func trouble(_ error: any Error, _ server: String) -> WebHDFSAnswer.Trouble {
        switch error {
        case let error as HTTPClientError where Self.beforeSending.contains(error):
            return .failed(.notReached, "no connection to \(server) in time")
        case is NIOConnectionError:
            return .failed(.notReached, "no connection to \(server): there is no such name, or nothing listens there")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return .failed(.notReached, "no connection to \(server): nothing listens there")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return .refused(
                .unavailable,
                "no TLS with \(server) (\(error)); name the authority that signed its certificate as storage.ca-file"
            )
        case is NIOTooManyBytesError:
            return .refused(.tooLarge, "\(server) sent more than \(HDFSLimits.answerBytes) bytes as an answer")
        default:
            return .failed(.unanswered, "no answer from \(server): \(Self.words(error))")
        }
    }

    /// Errors that come before a byte of the request is sent.
    private static let beforeSending: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
    ]

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: "\(error.shortDescription)"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        default: "\(error)"
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
