package import NIOCore

/// The header of every request.
///
///     0   int16            API key
///     2   int16            API version
///     4   int32            correlation id, returned in the response
///     8   nullable string  client id, always in the classic form
///     …   tagged fields    in flexible versions
package struct RequestHeader: Sendable, Equatable {
    /// The number of the API; see ``api``.
    package let key: Int16
    /// The version of the API that the body is written in.
    package let version: Int16
    /// The client's id of the request.
    package let correlationID: Int32
    /// The client's name for itself.
    package private(set) var clientID: String?

    /// Reads a header from the start of a request, and leaves `buffer` at the request's body.
    ///
    /// Where the API or version is not served, only the first eight bytes are read: the form of the rest is unknown,
    /// but the request can be answered. See ``unsupported``.
    package init(from buffer: inout ByteBuffer) throws(DecodeError) {
        var reader = WireReader(buffer)
        key = try reader.integer()
        version = try reader.integer()
        correlationID = try reader.integer()
        if unsupported == nil {
            try reader.nullableString(&clientID)
            if isFlexible {
                var tags = WireReader(reader.buffer, isFlexible: true)
                try tags.taggedFields()
                reader = tags
            }
        }
        buffer = reader.buffer
    }

    /// The API; `nil` where no served one has the key.
    package var api: APIKey? { APIKey(rawValue: key) }

    /// Why the request's body cannot be read; `nil` where it can.
    package var unsupported: DecodeError? {
        guard let api else { return DecodeError(.unknownAPI(key: key)) }
        guard api.supportedVersions.contains(version) else {
            return DecodeError(.unsupportedVersion(api: api, version: version), at: 2)
        }
        return nil
    }

    private var isFlexible: Bool { api?.isFlexible(version: version) ?? false }
}
