/// Asks which APIs are served in which versions: the first request of most clients.
package struct ApiVersionsRequest: WireRequest {
    package static var api: APIKey { .apiVersions }

    /// The name of the client library.
    package var clientSoftwareName = ""
    /// The version of the client library.
    package var clientSoftwareVersion = ""

    package init() {}

    package init(clientSoftwareName: String, clientSoftwareVersion: String = "") {
        self.clientSoftwareName = clientSoftwareName
        self.clientSoftwareVersion = clientSoftwareVersion
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 3 {
            try coder.string(&clientSoftwareName)
            try coder.string(&clientSoftwareVersion)
        }
        try coder.taggedFields()
    }
}
