import Foundation
import Subprocess
public import SystemPackage

/// Most bytes of each stream that ``runProgram(_:arguments:environment:workingDirectory:input:)`` collects.
private let collectedBytesMax = 512 << 20

/// Starts a program, runs `body` with it, and ends it with `SIGKILL` where it still runs when `body` returns or throws.
///
/// - Parameters:
///   - environment: added to this process's own; `nil` takes a variable away.
///   - input: all of its standard input, which then ends.
/// - Throws: ``ProgramError`` where the program could not be started, else what `body` throws.
public func withProcess<Result>(
    _ program: FilePath,
    arguments: [String] = [],
    environment: [String: String?] = [:],
    workingDirectory: FilePath? = nil,
    input: [UInt8] = [],
    _ body: (ProgramProcess) async throws -> Result
) async throws -> Result {
    let process = ProgramProcess(name: program.lastComponent?.string ?? program.string)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            await follow(process, program, arguments, Environment.inheriting(environment), workingDirectory, input)
        }
        try await process.waitForStart()
        defer {
            process.kill(SIGKILL)
            // A grandchild may hold the streams open: their end is not waited for.
            group.cancelAll()
        }
        return try await body(process)
    }
}

/// Runs a program to its end and collects its output.
public func runProgram(
    _ program: FilePath,
    arguments: [String] = [],
    environment: [String: String?] = [:],
    workingDirectory: FilePath? = nil,
    input: [UInt8] = []
) async throws -> ProgramResult {
    let record = try await run(
        .path(program),
        arguments: Arguments(arguments),
        environment: .inheriting(environment),
        workingDirectory: workingDirectory,
        input: .fileDescriptor(try inputFile(input), closeAfterSpawningProcess: true),
        output: .bytes(limit: collectedBytesMax),
        error: .bytes(limit: collectedBytesMax)
    )
    return ProgramResult(
        status: ProgramStatus(record.terminationStatus),
        output: record.standardOutput,
        errorOutput: record.standardError
    )
}

/// A file without a name that holds `bytes`, to be read from its start.
///
/// A program that ends before it has read all of its input breaks a pipe, and with it the process that writes into it;
/// a file does not mind.
private func inputFile(_ bytes: [UInt8]) throws -> FileDescriptor {
    let path = TemporaryDirectory.make()
    defer { TemporaryDirectory.remove(path) }
    let file = try FileDescriptor.open(
        path.appending("input"),
        .readWrite,
        options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite
    )
    do {
        try file.writeAll(bytes)
        try file.seek(offset: 0, from: .start)
        return file
    } catch {
        try file.close()
        throw error
    }
}

/// Runs the program and hands everything that happens to `process`; returns when the program has ended.
private func follow(
    _ process: ProgramProcess,
    _ program: FilePath,
    _ arguments: [String],
    _ environment: Environment,
    _ workingDirectory: FilePath?,
    _ input: [UInt8]
) async {
    do {
        let result = try await run(
            .path(program),
            arguments: Arguments(arguments),
            environment: environment,
            workingDirectory: workingDirectory,
            input: .fileDescriptor(try inputFile(input), closeAfterSpawningProcess: true),
            output: .sequence,
            error: .sequence
        ) { execution in
            process.started(execution.processIdentifier.value)
            async let output: Void = collect(execution.standardOutput, into: process.output)
            async let errors: Void = collect(execution.standardError, into: process.errorOutput)
            _ = await (output, errors)
        }
        process.ended(ProgramStatus(result.terminationStatus))
    } catch {
        process.failed(error)
    }
}

private func collect(_ stream: SubprocessOutputSequence, into lines: ProgramLines) async {
    defer { lines.end() }
    do {
        for try await buffer in stream { buffer.withUnsafeBytes { lines.receive($0) } }
    } catch {
        // A stream that cannot be read any more has ended; the program's status shows why.
        return
    }
}

extension Environment {
    fileprivate static func inheriting(_ changes: [String: String?]) -> Environment {
        var overrides: [Key: String?] = [:]
        for (name, value) in changes {
            if let key = Key(rawValue: name) { overrides[key] = value }
        }
        return .inherit.updating(overrides)
    }
}

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

/// How a program ended.
public enum ProgramStatus: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this exit status.
    case exited(Int32)
    /// By this signal.
    case signaled(Int32)

    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .signaled(let signal): self = .signaled(signal)
        }
    }

    /// True for exit status 0.
    public var isSuccess: Bool { self == .exited(0) }

    public var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "ended by signal \(signal)"
        }
    }
}

/// A failure of a program that a test runs.
public struct ProgramError: Error, CustomStringConvertible {
    public enum Code: Sendable {
        /// The program, or a file that it needs, is not there.
        case notFound
        /// The operating system did not start it.
        case notStarted
        /// What the test waited for did not come before its deadline.
        case deadlinePassed
        /// The program ended, or closed its output, before what the test waited for.
        case ended
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
