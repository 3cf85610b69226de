package import NIOCore

/// One pass over the fields of a message, in the order of the wire: ``WireReader`` fills them, ``WireWriter`` writes
/// them. A message lists its fields once, for both directions and all versions, in ``WireFields/code(_:)``.
///
/// Layouts (integers are big-endian):
///
///     int8 int16 int32 int64   1, 2, 4, 8 bytes, two's complement
///     bool                     1 byte, 0 is false
///     unsigned varint          groups of 7 bits, the lowest first; the top bit of a byte: another follows
///     uuid                     16 bytes
///     string, bytes, array     classic:  int16 (string) or int32 (bytes, array) with the length, -1 is null
///                              flexible: unsigned varint with the length + 1, 0 is null
///     tagged fields            flexible only: unsigned varint with their number, then each: unsigned varint tag,
///                              unsigned varint size, the bytes
///
/// Sources: the Kafka protocol guide, KIP-482 (flexible versions).
package protocol WireCoder {
    /// What a pass can fail with: ``DecodeError`` when it reads, nothing when it writes.
    associatedtype Failure: Error

    /// The version of the message.
    var version: Int16 { get }
    /// Whether the version is a flexible one (KIP-482): compact lengths and tagged fields.
    var isFlexible: Bool { get }

    /// An int8.
    mutating func int8(_ value: inout Int8) throws(Failure)
    /// An int16.
    mutating func int16(_ value: inout Int16) throws(Failure)
    /// An int32.
    mutating func int32(_ value: inout Int32) throws(Failure)
    /// An int64.
    mutating func int64(_ value: inout Int64) throws(Failure)
    /// A bool; any byte but 0 is read as true.
    mutating func bool(_ value: inout Bool) throws(Failure)
    /// A UUID.
    mutating func uuid(_ value: inout KafkaUUID) throws(Failure)
    /// A string of at most ``Limits/stringByteCountMax`` bytes of UTF-8. What is longer is cut when it is written.
    mutating func string(_ value: inout String) throws(Failure)
    /// A string, or null.
    mutating func nullableString(_ value: inout String?) throws(Failure)
    /// Bytes with their length. Those read share the input's storage.
    mutating func bytes(_ value: inout ByteBuffer) throws(Failure)
    /// Bytes with their length, or null.
    mutating func nullableBytes(_ value: inout ByteBuffer?) throws(Failure)
    /// An array, each element with its own fields.
    mutating func array<Element: WireFields>(_ value: inout [Element]) throws(Failure)
    /// An array, or null.
    mutating func nullableArray<Element: WireFields>(_ value: inout [Element]?) throws(Failure)
    /// A structure, or null: an int8 before it is -1 for null, and another number for one that follows.
    mutating func nullable<Structure: WireFields>(_ value: inout Structure?) throws(Failure)
    /// Record batches as nullable bytes, whose place may be left open when they are written: see ``ExternalBytes``.
    mutating func records(_ value: inout FetchedRecords) throws(Failure)
    /// An int16 that is Kafka's number of an outcome.
    mutating func errorCode(_ value: inout ErrorCode) throws(Failure)
    /// The tagged fields that end every structure of a flexible version; nothing in others. Of a structure without
    /// tagged fields of its own: those that come are skipped, and none are written.
    mutating func taggedFields() throws(Failure)
    /// The same of a structure that has tagged fields: they are read and written, and unknown ones are skipped.
    mutating func taggedFields<Fields: TaggedFields>(_ fields: inout Fields) throws(Failure)
}

/// A value that is on the wire: a message, a structure in one, or an element of an array.
package protocol WireFields: Sendable, Equatable {
    /// The value with the protocol's defaults: what the fields are that a version does not carry.
    init()
    /// Passes over all fields that `coder.version` has, in the order of the wire.
    mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure)

    /// ``code(_:)`` with a reader. A requirement only for speed: a type's witness is compiled for that reader, while a
    /// generic call from another module would look up every field's coding at run time.
    mutating func read(from reader: inout WireReader) throws(DecodeError)
    /// ``code(_:)`` with a writer, for the same reason.
    func write(into writer: inout WireWriter)
}

extension WireFields {
    package mutating func read(from reader: inout WireReader) throws(DecodeError) { try code(&reader) }

    package func write(into writer: inout WireWriter) {
        var copy = self
        copy.code(&writer)
    }
}

/// A structure with optional fields, each of which comes with its number (KIP-482).
package protocol TaggedFields {
    /// The tags of the fields that are not at their defaults, ascending: only those are written.
    var presentTags: [UInt32] { get }
    /// Passes over the field that has `tag`. Returns whether there is one.
    mutating func code<Coder: WireCoder>(tag: UInt32, _ coder: inout Coder) throws(Coder.Failure) -> Bool
}

extension Int8: WireFields {
    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int8(&self)
    }
}

extension Int32: WireFields {
    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&self)
    }
}

extension String: WireFields {
    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&self)
    }
}

extension WireCoder {
    package mutating func errorCode(_ value: inout ErrorCode) throws(Failure) {
        var raw = value.rawValue
        try int16(&raw)
        value = ErrorCode(rawValue: raw)
    }
}
