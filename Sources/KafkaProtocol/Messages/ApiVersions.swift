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

/// The APIs that are served. Its header is the first version always, so that a client of any age can read it; an
/// unknown version of the request is answered by version 0 of this with `unsupportedVersion`.
package struct ApiVersionsResponse: WireResponse {
    package static var api: APIKey { .apiVersions }

    /// The versions of one API.
    package struct ApiVersion: WireFields {
        /// The key of the API.
        package var key: Int16 = 0
        /// The first version served.
        package var minVersion: Int16 = 0
        /// The last version served.
        package var maxVersion: Int16 = 0

        package init() {}

        package init(key: Int16, minVersion: Int16 = 0, maxVersion: Int16 = 0) {
            self.key = key
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int16(&key)
            try coder.int16(&minVersion)
            try coder.int16(&maxVersion)
            try coder.taggedFields()
        }
    }

    /// A feature of the cluster, with the versions of it that this node has (KIP-584).
    package struct SupportedFeature: WireFields {
        /// The name of the feature.
        package var name = ""
        /// The first version.
        package var minVersion: Int16 = 0
        /// The last version.
        package var maxVersion: Int16 = 0

        package init() {}

        package init(name: String, minVersion: Int16, maxVersion: Int16) {
            self.name = name
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.int16(&minVersion)
            try coder.int16(&maxVersion)
            try coder.taggedFields()
        }
    }

    /// A feature of the cluster, with the versions of it that all nodes use.
    package struct FinalizedFeature: WireFields {
        /// The name of the feature.
        package var name = ""
        /// The last version.
        package var maxVersionLevel: Int16 = 0
        /// The first version.
        package var minVersionLevel: Int16 = 0

        package init() {}

        package init(name: String, level: Int16) {
            self.name = name
            maxVersionLevel = level
            minVersionLevel = level
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.int16(&maxVersionLevel)
            try coder.int16(&minVersionLevel)
            try coder.taggedFields()
        }
    }

    /// The outcome.
    package var errorCode = ErrorCode.none
    /// What is served.
    package var apis: [ApiVersion] = []
    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The features of this node: a tagged field from version 3 on, as are the two that follow.
    package var supportedFeatures: [SupportedFeature] = []
    /// Counts the changes of ``finalizedFeatures``; -1 where they are unknown.
    package var finalizedFeaturesEpoch: Int64 = -1
    /// The features that all nodes use.
    package var finalizedFeatures: [FinalizedFeature] = []

    package init() {}

    package init(errorCode: ErrorCode, apis: [ApiVersion] = [], throttleMilliseconds: Int32 = 0) {
        self.errorCode = errorCode
        self.apis = apis
        self.throttleMilliseconds = throttleMilliseconds
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.errorCode(&errorCode)
        try coder.array(&apis)
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.taggedFields(&self)
    }
}

extension ApiVersionsResponse: TaggedFields {
    package var presentTags: [UInt32] {
        [(0, !supportedFeatures.isEmpty), (1, finalizedFeaturesEpoch != -1), (2, !finalizedFeatures.isEmpty)]
            .filter(\.1).map(\.0)
    }

    package mutating func code<Coder: WireCoder>(tag: UInt32, _ coder: inout Coder) throws(Coder.Failure) -> Bool {
        switch tag {
        case 0: try coder.array(&supportedFeatures)
        case 1: try coder.int64(&finalizedFeaturesEpoch)
        case 2: try coder.array(&finalizedFeatures)
        default: return false
        }
        return true
    }
}

extension ApiVersionsResponse {
    /// The feature of Kafka's clusters that the group protocol of KIP-848 is part of, and the level that has it.
    private static let groupFeature = (name: "group.version", level: Int16(1))

    /// All that is served here: ``SupportedAPI/all``.
    package static let supported = {
        var response = ApiVersionsResponse(errorCode: .none, apis: SupportedAPI.all.map(ApiVersion.init))
        // Clients before version 4 take a feature that begins at 0 for malformed (KIP-1022).
        response.supportedFeatures = [
            SupportedFeature(name: groupFeature.name, minVersion: 1, maxVersion: groupFeature.level)
        ]
        response.finalizedFeaturesEpoch = 0
        response.finalizedFeatures = [FinalizedFeature(name: groupFeature.name, level: groupFeature.level)]
        return response
    }()

    /// The answer to a version of the request that is not served: its own row only, to be written as version 0.
    package static let unsupportedVersion = ApiVersionsResponse(
        errorCode: .unsupportedVersion,
        apis: [ApiVersion(SupportedAPI.of(.apiVersions))]
    )
}

extension ApiVersionsResponse.ApiVersion {
    fileprivate init(_ api: SupportedAPI) {
        self.init(key: api.key.rawValue, minVersion: api.versions.lowerBound, maxVersion: api.versions.upperBound)
    }
}
