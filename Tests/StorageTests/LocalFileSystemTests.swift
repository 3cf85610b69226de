import Files
import Foundation
import PipelineTesting
import Storage
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5))) struct LocalFileSystemTests {
    let directory = ScratchDirectory()
    let files: LocalFileSystem

    init() {
        files = LocalFileSystem(root: directory.path.appending("root"))
    }

    @Test func writtenBytesAreRead() async throws {
        let path = try StoragePath("a/b/c.json")
        let file = try await files.create(path)
        try await file.write(Array("one\n".utf8))
        try await file.write(Array("two\n".utf8))
        #expect(try await file.close() == 8)
        #expect(try await files.read(path, bytesMax: 8) == Array("one\ntwo\n".utf8))
        #expect(try await files.read(path, from: 4, count: 2) == Array("tw".utf8))
        #expect(try await files.read(path, from: 9, count: 2) == [])
        let status = try #require(try await files.status(of: path))
        #expect(status.length == 8)
        #expect(!status.isDirectory)
    }

    @Test func creationIsExclusive() async throws {
        let path = try StoragePath("a")
        try await files.write([1], to: path)
        await #expect { _ = try await files.create(path) } throws: { ($0 as? StorageError)?.code == .alreadyExists }
        #expect(try await files.read(path, bytesMax: 1) == [1])
    }

    @Test func largeFileIsRefusedWhereASmallOneIsExpected() async throws {
        let path = try StoragePath("a")
        try await files.write([1, 2, 3], to: path)
        await #expect { _ = try await files.read(path, bytesMax: 2) } throws: {
            ($0 as? StorageError)?.code == .tooLarge
        }
    }

    @Test(arguments: [LocalFileSystem.Durability.synchronized, .cached])
    func renamingNeverReplaces(durability: LocalFileSystem.Durability) async throws {
        let files = LocalFileSystem(root: directory.path, durability: durability)
        let (one, two, three) = (try StoragePath("one"), try StoragePath("two"), try StoragePath("new/deep/three"))
        try await files.write([1], to: one)
        try await files.write([2], to: two)
        #expect(try await !files.rename(one, to: two), "the target exists")
        #expect(try await files.read(two, bytesMax: 1) == [2])
        #expect(try await files.rename(one, to: three), "directories above the target are made")
        #expect(try await files.read(three, bytesMax: 1) == [1])
        #expect(try await !files.rename(one, to: three), "the source is gone")
        #expect(try await files.status(of: one) == nil)
    }

    @Test func oneOfManyRenamesOfOneTargetSucceeds() async throws {
        let target = try StoragePath("target")
        for number in 0..<16 { try await files.write([UInt8(number)], to: StoragePath("\(number)")) }
        let files = files
        let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
            for number in 0..<16 {
                group.addTask { try await files.rename(StoragePath("\(number)"), to: target) ? UInt8(number) : nil }
            }
            return try await group.reduce(into: []) { winners, winner in winners += [winner].compactMap { $0 } }
        }
        #expect(winners.count == 1)
        #expect(try await files.read(target, bytesMax: 1) == winners)
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

    @Test func listingTellsWhatIsThere() async throws {
        try await files.write([1, 2], to: StoragePath("a/one"))
        try await files.write([], to: StoragePath("a/b/+two"))
        let found = try await files.list(StoragePath("a")).sorted { $0.path < $1.path }
        #expect(found.map(\.path.string) == ["a/b", "a/one"])
        #expect(found.map(\.isDirectory) == [true, false])
        #expect(try await files.list(StoragePath("none")) == [])
        #expect(try await files.files(under: .root).map(\.path.string) == ["a/b/+two", "a/one"])
        #expect(try await files.files(under: .root) { $0.hasPrefix("+") }.map(\.path.string) == ["a/one"])
    }

    @Test func deletionTellsWhetherItWasThere() async throws {
        let path = try StoragePath("a/one")
        try await files.write([1], to: path)
        await #expect { _ = try await files.delete(path.parent) } throws: {
            ($0 as? StorageError)?.code == .alreadyExists
        }
        #expect(try await files.delete(path))
        #expect(try await !files.delete(path))
        #expect(try await files.delete(path.parent))
    }

    @Test func aFileInTheWayIsNamed() async throws {
        try await files.write([1], to: StoragePath("a"))
        await #expect { try await files.write([1], to: StoragePath("a/b/c")) } throws: { error in
            let error = error as? StorageError
            return error?.code == .notADirectory && error?.description.contains("root/a") == true
        }
    }

    /// Nothing that lies in a directory stops whoever lists it, or waits for ever for whoever reads it.
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
        await #expect { try await file.write([1]) } throws: { error in
            guard let error = error as? StorageError else { return false }
            return error.code == .noSpace && error.isRetriable && error.description.contains("free some space")
        }
        await file.abandon()
    }

    @Test func aFileThatIsNotWholeIsRefused() async throws {
        let path = try StoragePath("a")
        let file = try await files.create(path)
        try await file.write([1, 2, 3])
        try #require(truncate(files.location(of: path).string, 2) == 0)
        await #expect { _ = try await file.close() } throws: { ($0 as? StorageError)?.code == .wrongLength }
        await #expect { try await file.write([1]) } throws: { ($0 as? StorageError)?.code == .closed }
    }

    private static func error(_ result: Result<Void, Errno>) -> Errno? {
        if case .failure(let error) = result { error } else { nil }
    }
}
