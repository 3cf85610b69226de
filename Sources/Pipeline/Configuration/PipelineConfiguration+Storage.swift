package import Storage

extension PipelineConfiguration {
    /// Where the pipeline's files lie.
    ///
    /// - Throws: `StorageError` if `storage.url` is not a location; the setting's rule has found that before.
    package func storageLocation() throws(StorageError) -> StorageLocation {
        guard let url = storage.url else { return PipelinePaths(data: data).storageLocation }
        return try StorageLocation(url)
    }

    /// The file system of the pipeline's files.
    package func fileSystem() throws(StorageError) -> any FileSystem { try fileSystem(at: storageLocation()) }

    /// The file system of another location, reached as the settings say.
    package func fileSystem(at location: StorageLocation) throws(StorageError) -> any FileSystem {
        var options = HDFSOptions()
        if let user = storage.user { options.user = user }
        options.password = storage.password
        options.token = storage.token
        options.httpAddress = storage.httpAddress
        options.httpPath = storage.httpPath
        options.configurationDirectory = storage.hadoopConfDir
        options.certificateAuthorities = storage.caFile
        options.replication = storage.replication == 0 ? nil : storage.replication
        options.blockSizeBytes = storage.blockSizeBytes == 0 ? nil : storage.blockSizeBytes
        switch FilePrivacy(rawValue: permissions) {
        case .private: (options.filePermissions, options.directoryPermissions) = ("600", "700")
        case .group: (options.filePermissions, options.directoryPermissions) = ("640", "750")
        case .system, nil: break
        }
        options.retryFor = .milliseconds(storage.retryMilliseconds)
        return try location.fileSystem(options)
    }
}

extension TextRule {
    /// A directory of this machine, or a URL of a storage.
    package static let storageLocation = TextRule { text in
        if let problem = path.problem(text) { return problem }
        do throws(StorageError) {
            _ = try StorageLocation(text)
            return nil
        } catch {
            // The location itself is not repeated where it may hold a password.
            return "is refused: \(error.reason)"
        }
    }

    /// `HOST:PORT,…` of servers.
    static let hosts = TextRule { text in
        StorageLocation.isHostList(text) ? nil : "is '\(text)'; it has to be HOST:PORT,…, such as namenode:9870"
    }

    /// The beginning of a URL's path.
    static let urlPath = TextRule { text in
        guard text.hasPrefix("/"), !text.contains("?"), !text.contains("#"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return "is '\(text)'; it has to be a path such as \(HDFSOptions.defaultHTTPPath)" }
        return nil
    }

    /// A secret, which is not repeated.
    static let secret = TextRule { text in
        if text.isEmpty { return "is empty" }
        return text.contains(where: \.isNewline) ? "has a line break in it" : nil
    }
}
