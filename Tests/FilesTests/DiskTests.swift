import Files
import Foundation
import Glibc
import PipelineTesting
import SystemPackage
import Testing

@Suite struct DiskTests {
    let scratch = ScratchDirectory()
    let disk = Disk()
    func path(_ name: String) -> FilePath { scratch.path.appending(name) }

    private func put(_ name: String, _ text: String = "") throws {
        try disk.replace(path(name), with: Array(text.utf8), durably: false)
    }

    @Test func directoriesAreMadeFromTheTopDown() throws {
        #expect(try disk.makeDirectory(path("a/b/c")) == [scratch.path, path("a"), path("a/b")])
        #expect(try disk.makeDirectory(path("a/b/c")) == [])
        try put("file")
        let error = #expect(throws: FileError.self) { try disk.makeDirectory(path("file/d")) }
        #expect(error?.code == .inTheWay)
    }

    @Test func aPathIsToldFromTheRoot() throws {
        #expect(disk.fullPath(of: ".").string == FileManager.default.currentDirectoryPath)
        try put("file")
        #expect(disk.fullPath(of: path("./file")) == disk.fullPath(of: scratch.path).appending("file"))
        #expect(disk.fullPath(of: "nothing/there") == "nothing/there")
    }

    @Test func namesComeInOrderAndWithoutDots() throws {
        for name in ["b", "a", ".hidden", "c"] { try put(name) }
        #expect(try disk.names(in: scratch.path) == [".hidden", "a", "b", "c"])
        #expect(throws: FileError.self) { try disk.names(in: path("nothing")) }
    }

    @Test func aTreeIsRemovedWithoutFollowingLinks() throws {
        try disk.makeDirectory(path("tree/below"))
        try put("kept")
        try put("tree/below/file")
        #expect(symlink(path("kept").string, path("tree/link").string) == 0)
        #expect(symlink(path("nowhere").string, path("tree/dangling").string) == 0)
        try disk.removeTree(path("tree"))
        try disk.removeTree(path("tree"))
        #expect(try disk.names(in: scratch.path) == ["kept"])
    }

    @Test func whatIsSetAsideNeverReplacesAnything() throws {
        for round in ["one", "two", "three"] {
            try put("file", round)
            _ = try disk.setAside(path("file"), as: "damaged")
        }
        #expect(try disk.names(in: scratch.path) == ["file.damaged", "file.damaged-2", "file.damaged-3"])
        #expect(try disk.contents(of: path("file.damaged")) == Array("one".utf8))
    }

    /// What others may do is the process's umask alone to say.
    @Test func filesAndDirectoriesGoByTheUmask() throws {
        try disk.makeDirectory(path("directory"))
        try put("directory/file")
        func mode(_ name: String) -> mode_t {
            var status = stat()
            return stat(path(name).string, &status) == 0 ? status.st_mode & 0o777 : 0
        }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let digits = try #require(status.firstMatch(of: /Umask:\s+([0-7]+)/)?.1)
        let umask = try #require(mode_t(digits, radix: 8))
        #expect(mode("directory") == 0o777 & ~umask)
        #expect(mode("directory/file") == 0o666 & ~umask)
    }

    @Test func anErrorSaysWhatWhereWhyAndWhatToDo() throws {
        var calls = DiskCalls.system
        calls.write = { _, _, _, _ throws(Errno) in throw .noSpace }
        let full = Disk(calls: calls)
        let error = #expect(throws: FileError.self) { try full.replace(path("file"), with: [1]) }
        #expect(error?.code == .noSpace)
        #expect(error?.description == "cannot write to \(path("file")).tmp: No space left on device. Free space there")
    }

    @Test func aFailedReplacementLeavesTheOldFile() throws {
        for step in ["write", "synchronize", "rename"] {
            try put("file", "old")
            var calls = DiskCalls.system
            switch step {
            case "write": calls.write = { _, _, _, _ throws(Errno) in throw .ioError }
            case "synchronize": calls.synchronize = { _ throws(Errno) in throw .ioError }
            default: calls.rename = { _, _ throws(Errno) in throw .ioError }
            }
            #expect(throws: FileError.self) { try Disk(calls: calls).replace(path("file"), with: [1]) }
            #expect(try disk.contents(of: path("file")) == Array("old".utf8), "\(step)")
        }
    }

    @Test func oneProcessHoldsALock() throws {
        let lock = try DirectoryLock(scratch.path)
        let error = #expect(throws: FileError.self) { _ = try DirectoryLock(scratch.path) }
        #expect(error?.code == .locked)
        withExtendedLifetime(lock) {}
    }

    @Test func aLockIsFreeAfterItsRelease() throws {
        for _ in 0..<3 { _ = try DirectoryLock(scratch.path) }
    }
}
