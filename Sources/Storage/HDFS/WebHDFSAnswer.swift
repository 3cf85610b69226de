import Foundation
import PlainText

/// What a server of WebHDFS answered.
struct WebHDFSAnswer: Sendable {
    let status: Int
    /// The address of a DataNode, where a redirection says it.
    let location: String?
    /// Whether the server asks for Kerberos.
    let asksForKerberos: Bool
    let body: [UInt8]

    init(status: Int, location: String? = nil, asksForKerberos: Bool = false, body: [UInt8] = []) {
        self.status = status
        self.location = location
        self.asksForKerberos = asksForKerberos
        self.body = body
    }

    // What the bodies hold. A body may have line breaks anywhere.

    struct Status: Decodable {
        let type: String
        let length: Int64
        let pathSuffix: String

        func fileStatus(at path: StoragePath) -> FileStatus {
            let kind: FileStatus.Kind =
                switch type {
                case "FILE": .file
                case "DIRECTORY": .directory
                case "SYMLINK": .link
                default: .other
                }
            return FileStatus(path: path, kind: kind, length: kind == .file ? max(0, length) : 0)
        }
    }

    struct StatusBody: Decodable {
        let status: Status

        private enum CodingKeys: String, CodingKey { case status = "FileStatus" }
    }

    /// A page of a directory's entries.
    struct ListingBody: Decodable {
        let entries: [Status]
        let remainingEntries: Int64

        private enum CodingKeys: String, CodingKey {
            case listing = "DirectoryListing"
            case partial = "partialListing"
            case statuses = "FileStatuses"
            case status = "FileStatus"
            case remainingEntries
        }

        init(from decoder: any Decoder) throws {
            let listing = try decoder.container(keyedBy: CodingKeys.self)
                .nestedContainer(keyedBy: CodingKeys.self, forKey: .listing)
            remainingEntries = try listing.decode(Int64.self, forKey: .remainingEntries)
            entries = try listing.nestedContainer(keyedBy: CodingKeys.self, forKey: .partial)
                .nestedContainer(keyedBy: CodingKeys.self, forKey: .statuses)
                .decode([Status].self, forKey: .status)
        }
    }

    struct BooleanBody: Decodable {
        let boolean: Bool
    }

    struct LocationBody: Decodable {
        let location: String

        private enum CodingKeys: String, CodingKey { case location = "Location" }
    }

    struct BlocksBody: Decodable {
        struct Blocks: Decodable {
            let fileLength: Int64
            let isUnderConstruction: Bool
        }
        let blocks: Blocks

        private enum CodingKeys: String, CodingKey { case blocks = "LocatedBlocks" }
    }

    private struct ExceptionBody: Decodable {
        struct Exception: Decodable {
            let exception: String
            let message: String?
        }
        let exception: Exception

        private enum CodingKeys: String, CodingKey { case exception = "RemoteException" }
    }

    /// Reads the body as `Body`; `nil` if it is something else.
    func read<Body: Decodable>(_ type: Body.Type) -> Body? {
        try? JSONDecoder().decode(type, from: Data(body))
    }

    // MARK: What went wrong

    /// Why a call was not done.
    enum Trouble: Sendable {
        /// It may be done later, or by another server.
        case failed(CallAttempts.Failure, String)
        case refused(StorageError.Code, String)

        /// Whether the server may have begun to do it.
        var isAfterSending: Bool {
            if case .failed(.notReached, _) = self { false } else { true }
        }
    }

    /// What this answer says other than that it was done; `nil` if it was.
    var trouble: Trouble? {
        if (200..<300).contains(status) || (status == 307 && location != nil) { return nil }
        if let exception = read(ExceptionBody.self)?.exception {
            return Self.trouble(exception.exception, Self.shown(exception.message ?? exception.exception))
        }
        switch status {
        case 401 where asksForKerberos:
            return .refused(
                .permissionDenied,
                "the server asks for Kerberos (SPNEGO), which is not built in; use a delegation token (storage.token), or "
                    + "a gateway that takes a password"
            )
        case 401:
            return .refused(.permissionDenied, "the server does not accept the user and password (storage.user)")
        case 403: return .refused(.permissionDenied, "the server forbids it: \(Self.shown(body))")
        // What stands in front of the NameNode has no answer of it, or is told to wait.
        case 502, 504: return .failed(.unanswered, "the server's answer is HTTP \(status): \(Self.shown(body))")
        case 429, 503: return .failed(.busy, "the server's answer is HTTP \(status): \(Self.shown(body))")
        default:
            return .refused(
                .failed,
                "the answer is not that of WebHDFS: HTTP \(status) \(Self.shown(body)); see whether the address is that of a "
                    + "NameNode's HTTP server, whose port is 9870 by default"
            )
        }
    }

    /// What an exception of Hadoop means, by its class; by its message where one class stands for several things.
    private static func trouble(_ name: String, _ message: String) -> Trouble {
        switch name.split(separator: "$").last.map(String.init) ?? name {
        case "StandbyException": .failed(.standby, message)
        case "SafeModeException", "RetriableException", "RecoveryInProgressException", "NotReplicatedYetException",
            "ServerTooBusyException", "ObserverRetryOnActiveException":
            .failed(.busy, message)
        // Another writer of this name, or an earlier try of ours whose end the NameNode has not seen yet.
        case "AlreadyBeingCreatedException": .failed(.busy, message)
        case "FileNotFoundException":
            message.contains("is not a file") ? .refused(.isADirectory, message) : .refused(.notFound, message)
        case "FileAlreadyExistsException", "PathIsNotEmptyDirectoryException": .refused(.alreadyExists, message)
        case "ParentNotDirectoryException", "PathIsNotDirectoryException": .refused(.notADirectory, message)
        case "AccessControlException", "SecurityException", "AuthenticationException", "AuthorizationException",
            "InvalidToken":
            // Without the right to look into a directory, the check of the path finds a file in the way first.
            message.contains("(is not a directory)")
                ? .refused(.notADirectory, message)
                : .refused(.permissionDenied, message)
        case "QuotaExceededException", "DSQuotaExceededException", "NSQuotaExceededException",
            "QuotaByStorageTypeExceededException", "DiskOutOfSpaceException":
            .refused(.noSpace, message)
        case "InvalidPathException", "PathComponentTooLongException": .refused(.invalidPath, message)
        case "UnsupportedOperationException": .refused(.unsupported, message)
        // Of a DataNode that is going down, or that lost the ones behind it.
        case "ClosedChannelException", "ConnectException", "NoRouteToHostException", "SocketTimeoutException",
            "EOFException", "InterruptedIOException", "LeaseExpiredException":
            .failed(.unanswered, message)
        case "IOException", "RemoteException": ofIOException(message)
        default: .refused(.failed, "\(shown(name)): \(message)")
        }
    }

    private static func ofIOException(_ message: String) -> Trouble {
        if message.contains("is in startup mode") { return .failed(.busy, message) }
        // A file cannot replace a directory, nor the reverse.
        if message.contains("must both be directories") { return .refused(.alreadyExists, message) }
        // Of those that the call does not exclude: there may be another one later, or without exclusion.
        if message.contains("Failed to find datanode") || message.contains("No active nodes contain this block") {
            return .refused(.unavailable, "\(message) (no DataNode is alive, or none has room or the block)")
        }
        // All DataNodes are full, or none that has room can be reached.
        if message.contains("could only be written to 0 of the")
            || message.contains("could only be replicated to 0 nodes")
        {
            return .refused(.noSpace, message)
        }
        if message.contains("All datanodes") || message.contains("Unable to create new block")
            || message.contains("Could not obtain block") || message.contains("Filesystem closed")
        {
            return .failed(.unanswered, message)
        }
        return .refused(.failed, message)
    }

    /// The first line of a server's text, safe to show.
    private static func shown(_ text: String) -> String {
        // A page may repeat the request, and with it the delegation token.
        let token = /delegation=[^&\s"'<>]*/.ignoresCase()
        let line = (text.split(whereSeparator: \.isNewline).first ?? "").replacing(token, with: "delegation=…")
        return PrintableText.escaping(String(line.prefix(HDFSLimits.messageCharacters)))
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        shown(String(decoding: bytes.prefix(HDFSLimits.messageCharacters * 4), as: UTF8.self))
    }
}
