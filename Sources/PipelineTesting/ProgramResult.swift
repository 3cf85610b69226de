/// What a program that ran to its end left.
public struct ProgramResult: Sendable {
    public let status: ProgramStatus
    /// All bytes of its standard output.
    public let output: [UInt8]
    /// All bytes of its standard error.
    public let errorOutput: [UInt8]

    /// The output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// The error output as text.
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}
