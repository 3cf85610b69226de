import Files
import Foundation
import PipelineTesting
import Storage
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15))) struct LocalFileSystemTests {
    let directory = ScratchDirectory()
    let files: LocalFileSystem

    init() {
        files = LocalFileSystem(root: directory.path.appending("root"))
    }

    @Test func linkingIsAsExclusive() throws {
        let path = directory.path
        let (one, two) = (path.appending("one").string, path.appending("two").string)
        try Data([1]).write(to: URL(filePath: one))
        try Data([2]).write(to: URL(filePath: two))
        #expect(Self.error(ExclusiveRename.byLink(from: one, to: two)) == .fileExists)
        #expect(
            Self.error(ExclusiveRename.byLink(from: path.appending("none").string, to: two)) == .noSuchFileOrDirectory
        )
        try FileManager.default.removeItem(atPath: two)
        // What a crash between making the link and removing the old name leaves: one file with both names.
        try FileManager.default.linkItem(atPath: one, toPath: two)
        #expect(Self.error(ExclusiveRename.byLink(from: one, to: two)) == nil)
        #expect(!FileManager.default.fileExists(atPath: one))
        #expect(FileManager.default.contents(atPath: two) == Data([1]))
    }

    @Test func aFileInTheWayIsNamed() async throws {
        try await files.write([1], to: StoragePath("a"))
        await #expect { try await files.write([1], to: StoragePath("a/b/c")) } throws: { error in
            let error = error as? StorageError
            return error?.code == .notADirectory && error?.description.contains("root/a") == true
        }
    }

    /// No entry of a directory makes listing fail, or reading wait for ever.
    @Test func strangeEntriesAreToldApart() async throws {
        let root = files.location(of: .root).string
        try await files.write([1], to: StoragePath("d/file"))
        try #require(mkfifo(root + "/d/pipe", 0o600) == 0)
        try #require(symlink("file", root + "/d/link") == 0)
        try #require(symlink("nowhere", root + "/d/dangling") == 0)
        try #require(symlink("loop", root + "/d/loop") == 0)
        // Not UTF-8: nothing of the pipeline makes such a name.
        let name = Array("\(root)/d/bad".utf8CString.dropLast()) + [CChar(bitPattern: 0xff), 0]
        try #require(close(open(name, O_CREAT | O_WRONLY, 0o600)) == 0)
        let found = try await files.list(StoragePath("d")).sorted { $0.path < $1.path }
        #expect(found.map(\.path.name) == ["dangling", "file", "link", "loop", "pipe"])
        #expect(found.map(\.kind) == [.link, .file, .link, .link, .other])
        #expect(try await files.read(StoragePath("d/link"), bytesMax: 9) == [1])
        for (name, code) in [
            ("pipe", StorageError.Code.notAFile), ("dangling", .notFound), ("loop", .invalidPath), ("", .isADirectory),
        ] {
            await #expect { _ = try await files.read(StoragePath("d/\(name)"), bytesMax: 9) } throws: {
                ($0 as? StorageError)?.code == code
            }
        }
    }

    @Test func aFullDiskIsSaid() async throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        let file = LocalFileWriter(descriptor: descriptor, location: "/dev/full", durability: .cached)
        await #expect { try await file.write(([1] as [UInt8]).span.bytes) } throws: { error in
            guard let error = error as? StorageError else { return false }
            return error.code == .noSpace && error.isRetriable && error.description.contains("free some space")
        }
        await file.abandon()
    }

    @Test func aFileThatIsNotWholeIsRefused() async throws {
        let path = try StoragePath("a")
        let file = try await files.create(path)
        try await file.write(([1, 2, 3] as [UInt8]).span.bytes)
        try #require(truncate(files.location(of: path).string, 2) == 0)
        await #expect { _ = try await file.close() } throws: { ($0 as? StorageError)?.code == .wrongLength }
        await #expect { try await file.write(([1] as [UInt8]).span.bytes) } throws: {
            ($0 as? StorageError)?.code == .closed
        }
    }

    private static func error(_ result: Result<Void, Errno>) -> Errno? {
        if case .failure(let error) = result { error } else { nil }
    }
}
