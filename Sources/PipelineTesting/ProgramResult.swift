/// What a program that ran to its end left.
package struct ProgramResult: Sendable {
    package let status: ProgramStatus
    /// All bytes of its standard output.
    package let output: [UInt8]
    /// All bytes of its standard error.
    package let errorOutput: [UInt8]

    /// The output as text.
    package var text: String { String(decoding: output, as: UTF8.self) }
    /// The error output as text.
    package var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}
