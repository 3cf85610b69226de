/// The HTTP address of a NameNode, or of what stands in front of it.
struct NameNodeAddress: Hashable, Sendable, CustomStringConvertible {
    /// Ports of NameNodes that Hadoop 3 has by default.
    private static let defaultPort = 9_870
    private static let defaultSecurePort = 9_871

    let isSecure: Bool
    let host: String
    let port: Int

    init(_ host: HDFSLocation.Host, isSecure: Bool) {
        self.isSecure = isSecure
        self.host = host.name
        port = host.port ?? (isSecure ? Self.defaultSecurePort : Self.defaultPort)
    }

    /// The beginning of its URLs.
    var origin: String { "\(isSecure ? "https" : "http")://\(self)" }

    var description: String { "\(host):\(port)" }
}

/// Finds the HTTP addresses of the NameNodes behind a location.
enum NameNodes {
    private static let defaultRPCPort = 8_020

    /// - Throws: `StorageError` if Hadoop's configuration cannot be read, or what it says leads nowhere.
    static func addresses(
        of location: HDFSLocation,
        _ options: HDFSOptions
    ) throws(StorageError) -> [NameNodeAddress] {
        let configuration = try options.configurationDirectory.map { directory throws(StorageError) in
            try HadoopConfiguration(directory: directory)
        }
        let isSecure =
            location.scheme == .swebhdfs
            || location.scheme == .hdfs && configuration?["dfs.http.policy"] == "HTTPS_ONLY"
        if let said = options.httpAddress {
            guard let hosts = HDFSLocation.Host.list(said) else {
                throw StorageError(.invalidPath, .use, said, "storage.http-address has to be HOST:PORT,…")
            }
            return hosts.map { NameNodeAddress($0, isSecure: isSecure) }
        }
        let hosts = location.hosts.isEmpty ? try defaultHosts(configuration, location) : location.hosts
        if let configuration, hosts.count == 1, let host = hosts.first,
            let found = try addresses(of: host, location, configuration, isSecure: isSecure)
        {
            return found
        }
        return hosts.map { host in
            // The port of an hdfs:// URL is that of the RPC server.
            let isOfRPC = location.scheme == .hdfs
            return NameNodeAddress(isOfRPC ? host.withoutPort : host, isSecure: isSecure)
        }
    }

    /// What `hdfs:///` means.
    private static func defaultHosts(
        _ configuration: HadoopConfiguration?,
        _ location: HDFSLocation
    ) throws(StorageError) -> [HDFSLocation.Host] {
        let words =
            "it names no host; name one, or set storage.hadoop-conf-dir to the directory of a core-site.xml with an "
            + "hdfs:// address as fs.defaultFS"
        guard let text = configuration?["fs.defaultFS"], text.hasPrefix("hdfs://") else {
            throw StorageError(.invalidPath, .use, location.description, words)
        }
        let authority = text.dropFirst("hdfs://".count).prefix { $0 != "/" }
        guard let host = HDFSLocation.Host(authority) else {
            throw StorageError(.invalidPath, .use, location.description, words)
        }
        return [host]
    }

    /// What Hadoop's configuration says about a nameservice, or about the NameNode with this RPC address; `nil` if it does
    /// not know the name.
    private static func addresses(
        of host: HDFSLocation.Host,
        _ location: HDFSLocation,
        _ configuration: HadoopConfiguration,
        isSecure: Bool
    ) throws(StorageError) -> [NameNodeAddress]? {
        let services = configuration.list("dfs.nameservices")
        if host.port == nil, services.contains(host.name) {
            let suffixes = configuration.list("dfs.ha.namenodes.\(host.name)").map { "\(host.name).\($0)" }
            let nodes = suffixes.isEmpty ? [host.name] : suffixes
            let found = nodes.compactMap { address(ofNode: $0, configuration, isSecure: isSecure) }
            guard found.count == nodes.count else {
                throw StorageError(
                    .notFound,
                    .use,
                    location.description,
                    "hdfs-site.xml names the nameservice '\(host.name)', but not the address of each of its NameNodes "
                        + "(dfs.namenode.http-address.\(nodes[0]))"
                )
            }
            return found
        }
        guard location.scheme == .hdfs else { return nil }
        let scheme = "hdfs://"
        let authority = configuration["fs.defaultFS"].flatMap { url in
            url.hasPrefix(scheme) ? String(url.dropFirst(scheme.count).prefix { $0 != "/" }) : nil
        }
        let isTheOne = [configuration["dfs.namenode.rpc-address"], authority].contains { text in
            text.flatMap { HDFSLocation.Host($0) }.map { isSame($0, host) } ?? false
        }
        guard isTheOne, let text = configuration[key(isSecure)], let found = HDFSLocation.Host(text) else { return nil }
        return [NameNodeAddress(found.reachable(from: host), isSecure: isSecure)]
    }

    /// Whether two addresses of a NameNode's RPC server are the same.
    private static func isSame(_ one: HDFSLocation.Host, _ other: HDFSLocation.Host) -> Bool {
        one.name.lowercased() == other.name.lowercased()
            && one.port ?? defaultRPCPort == other.port ?? defaultRPCPort
    }

    private static func key(_ isSecure: Bool) -> String {
        isSecure ? "dfs.namenode.https-address" : "dfs.namenode.http-address"
    }

    /// The HTTP address of the NameNode whose properties end with `suffix`.
    private static func address(
        ofNode suffix: String,
        _ configuration: HadoopConfiguration,
        isSecure: Bool
    ) -> NameNodeAddress? {
        let rpc = configuration["dfs.namenode.rpc-address.\(suffix)"].flatMap { HDFSLocation.Host($0) }
        if let text = configuration["\(key(isSecure)).\(suffix)"] {
            guard let host = HDFSLocation.Host(text) else { return nil }
            return NameNodeAddress(rpc.map(host.reachable) ?? host, isSecure: isSecure)
        }
        return rpc.map { NameNodeAddress($0.withoutPort, isSecure: isSecure) }
    }
}

extension HDFSLocation.Host {
    /// The address that a server listens at may be any of its own: then the name by which others know it counts.
    fileprivate func reachable(from other: HDFSLocation.Host) -> HDFSLocation.Host {
        guard name == "0.0.0.0", let port else { return self }
        return HDFSLocation.Host("\(other.name):\(port)") ?? self
    }

    fileprivate var withoutPort: HDFSLocation.Host { HDFSLocation.Host(name) ?? self }
}
