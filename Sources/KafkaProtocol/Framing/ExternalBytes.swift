/// A place in an encoded message where bytes belong that were not copied into it: those of a file, for `sendfile`.
package struct ExternalBytes: Equatable, Sendable {
    /// The index in the writer's buffer before which the bytes belong.
    package let position: Int
    /// How many bytes belong there.
    package let byteCount: Int
}
