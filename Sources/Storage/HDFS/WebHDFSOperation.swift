import NIOHTTP1

/// One call of WebHDFS: `METHOD <path>?op=NAME&…`.
struct WebHDFSOperation: Sendable {
    let method: HTTPMethod
    let name: String
    /// From the root of the HDFS.
    let path: StoragePath
    let parameters: [(name: String, value: String)]
    /// What is done, in the words of an error.
    let what: StorageError.Operation
    /// Whether doing it twice does the same as doing it once, so that it is tried again when no answer came.
    let isRepeatable: Bool

    private init(
        _ method: HTTPMethod,
        _ name: String,
        _ path: StoragePath,
        _ what: StorageError.Operation,
        isRepeatable: Bool = true,
        _ parameters: [(String, String)] = []
    ) {
        self.method = method
        self.name = name
        self.path = path
        self.what = what
        self.isRepeatable = isRepeatable
        self.parameters = parameters.map { (name: $0.0, value: $0.1) }
    }

    static func status(_ path: StoragePath, for what: StorageError.Operation = .stat) -> WebHDFSOperation {
        WebHDFSOperation(.GET, "GETFILESTATUS", path, what)
    }

    /// The entries behind the name `after`; from the first one if it is empty.
    static func list(_ path: StoragePath, after: String) -> WebHDFSOperation {
        WebHDFSOperation(.GET, "LISTSTATUS_BATCH", path, .list, after.isEmpty ? [] : [("startAfter", after)])
    }

    /// Where a file's blocks are, and whether the file is still being written: of its first byte alone, since a large file
    /// has many blocks.
    static func blocks(_ path: StoragePath) -> WebHDFSOperation {
        WebHDFSOperation(.GET, "GET_BLOCK_LOCATIONS", path, .close, [("offset", "0"), ("length", "1")])
    }

    static func makeDirectory(_ path: StoragePath, _ options: HDFSOptions) -> WebHDFSOperation {
        let permission = options.directoryPermissions.map { [("permission", $0)] }
        return WebHDFSOperation(.PUT, "MKDIRS", path, .createDirectory, permission ?? [])
    }

    /// Deletes a file or an empty directory.
    static func delete(_ path: StoragePath) -> WebHDFSOperation {
        WebHDFSOperation(.DELETE, "DELETE", path, .delete, [("recursive", "false")])
    }

    /// With the option `NONE` the NameNode never moves the source into a directory that has the target's name, and says
    /// why it did not rename. Twice is not once: a second answer would say that the source is missing.
    static func rename(_ source: StoragePath, to target: StoragePath) -> WebHDFSOperation {
        WebHDFSOperation(
            .PUT,
            "RENAME",
            source,
            .rename,
            isRepeatable: false,
            [("destination", "/" + target.string), ("renameoptions", "NONE")]
        )
    }

    /// Asks which DataNode takes a new file. Nothing is created before that DataNode is asked.
    static func create(_ path: StoragePath, _ options: HDFSOptions, excluding: [String]) -> WebHDFSOperation {
        var parameters = [("overwrite", "false"), ("noredirect", "true")]
        if let replication = options.replication { parameters.append(("replication", "\(replication)")) }
        if let permissions = options.filePermissions { parameters.append(("permission", permissions)) }
        if let bytes = options.blockSizeBytes { parameters.append(("blocksize", "\(bytes)")) }
        return WebHDFSOperation(.PUT, "CREATE", path, .create, parameters + excluded(excluding))
    }

    /// Asks which DataNode reads a part of a file.
    static func open(_ path: StoragePath, from offset: Int64, count: Int64, excluding: [String]) -> WebHDFSOperation {
        let parameters = [("offset", "\(offset)"), ("length", "\(count)"), ("noredirect", "true")]
        return WebHDFSOperation(.GET, "OPEN", path, .read, parameters + excluded(excluding))
    }

    private static func excluded(_ nodes: [String]) -> [(String, String)] {
        nodes.isEmpty ? [] : [("excludedatanodes", nodes.joined(separator: ","))]
    }

    /// The path and query of its URL.
    ///
    /// - Parameters:
    ///   - base: the path of WebHDFS on the server.
    ///   - identity: parameters that say who asks.
    func target(base: String, identity: [(name: String, value: String)]) -> String {
        let path = path == .root ? "/" : "/" + path.string
        let query = ([(name: "op", value: name)] + parameters + identity)
            .map { "\($0.name)=\(URLText.encoded($0.value))" }.joined(separator: "&")
        return base + URLText.encoded(path, keepingSlashes: true) + "?" + query
    }
}

/// Text as part of a URL.
enum URLText {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Percent-encodes all bytes but letters, digits and `-._~`, so that no server finds another meaning in them: some
    /// take a `+` in a path for a blank.
    static func encoded(_ text: String, keepingSlashes: Bool = false) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: "/") where keepingSlashes: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
