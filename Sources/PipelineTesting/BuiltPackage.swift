import Foundation
public import SystemPackage

/// Where this package and what was built from it lie, as seen from a running test.
public enum BuiltPackage {
    /// The directory with `Package.swift`, found upwards from this file.
    public static func root(from file: String = #filePath) throws(ProgramError) -> FilePath {
        var directory = FilePath(file).removingLastComponent()
        while !directory.isEmpty {
            if exists(directory.appending("Package.swift")) { return directory }
            if !directory.removeLastComponent() { break }
        }
        throw ProgramError(.notFound, "no Package.swift above \(file)")
    }

    /// The program `name` of the same build as the running test, usually `hera`.
    public static func program(_ name: String = "hera") throws(ProgramError) -> FilePath {
        var directory = testProgram.removingLastComponent()
        while !directory.isEmpty {
            let candidate = directory.appending(name)
            if isExecutableFile(candidate) { return candidate }
            if !directory.removeLastComponent() { break }
        }
        throw ProgramError(.notFound, "no program '\(name)' beside \(testProgram); build it with: swift build")
    }

    /// The Python interpreter with the peers that the tests talk to; `script/bootstrap` makes it.
    public static func python() throws(ProgramError) -> FilePath {
        let interpreter = try root().appending(".venv/bin/python")
        guard isExecutableFile(interpreter) else {
            throw ProgramError(.notFound, "no Python at \(interpreter); make it with: script/bootstrap")
        }
        return interpreter
    }

    /// A program of the system, found on `PATH`.
    public static func systemProgram(_ name: String) throws(ProgramError) -> FilePath {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for directory in path.split(separator: ":") {
            let candidate = FilePath(String(directory)).appending(name)
            if isExecutableFile(candidate) { return candidate }
        }
        throw ProgramError(.notFound, "no program '\(name)' on PATH; install it with: script/bootstrap")
    }

    private static var testProgram: FilePath {
        let link = "/proc/self/exe"
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link) { return FilePath(target) }
        return FilePath(CommandLine.arguments.first ?? "")
    }

    private static func exists(_ path: FilePath) -> Bool {
        FileManager.default.fileExists(atPath: path.string)
    }

    private static func isExecutableFile(_ path: FilePath) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path.string, isDirectory: &isDirectory)
            && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: path.string)
    }
}
