import PipelineTesting
import Storage
import SystemPackage
import Testing

/// What every file system must do. A new one joins by a case of `Candidate`.
@Suite(.timeLimit(.minutes(15))) struct FileSystemTests {
    enum Candidate: String, CaseIterable, Sendable {
        case synchronizedDirectory, cachedDirectory, memory
        /// The file system of fault tests, where no fault is planned.
        case withoutFaults
        /// A real HDFS.
        case hdfs

        /// Whether an open file stays readable whatever becomes of its name.
        var knowsOpenFiles: Bool { self != .hdfs }
        /// Whether a file in the place of a directory is told from nothing.
        var tellsFilesInTheWay: Bool { self != .hdfs }
        /// Whether a file has its name as soon as it is created.
        var showsUnfinishedFiles: Bool { self != .hdfs }
    }

    let directory = ScratchDirectory()

    private func files(_ candidate: Candidate) async throws -> any FileSystem {
        let root = directory.path.appending("root")
        return switch candidate {
        case .synchronizedDirectory: LocalFileSystem(root: root)
        case .cachedDirectory: LocalFileSystem(root: root, durability: .cached)
        case .memory: MemoryFileSystem()
        case .withoutFaults: FaultyFileSystem(MemoryFileSystem())
        case .hdfs: try StorageLocation(await HDFSCluster.shared().newDirectory()).fileSystem()
        }
    }

    /// The code of the error that `body` throws.
    private func code(_ body: () async throws(StorageError) -> Void) async -> StorageError.Code? {
        do throws(StorageError) {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: Candidate.allCases)
    func writtenBytesAreRead(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("a/b/c.json")
        let file = try await files.create(path)
        try await file.write(Array("one\n".utf8).span.bytes)
        try await file.write(Array("-two\n-".utf8).span.bytes.extracting(1..<5))
        #expect(try await file.close() == 8)
        #expect(try await files.read(path, bytesMax: 8) == Array("one\ntwo\n".utf8))
        #expect(try await files.read(path, from: 4, count: 2) == Array("tw".utf8))
        #expect(try await files.read(path, from: 9, count: 2) == [])
        let status = try #require(try await files.status(of: path))
        #expect(status == FileStatus(path: path, kind: .file, length: 8))
        #expect(try await files.status(of: path.parent)?.kind == .directory)
        #expect(try await files.status(of: path.appending("below")) == nil)
    }

    @Test(arguments: Candidate.allCases)
    func openFileIsReadAtAnyPlace(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("a")
        try await files.write(Array(0..<100), to: path)
        let file = try await files.open(path)
        #expect(file.length == 100)
        var pieces: [UInt8] = []
        while true {
            let piece = try await file.read(from: Int64(pieces.count), count: 30)
            if piece.isEmpty { break }
            pieces += piece
        }
        #expect(pieces == Array(0..<100))
        #expect(try await file.read(from: 50, count: 3) == [50, 51, 52])
        if candidate.knowsOpenFiles {
            #expect(try await files.rename(path, to: StoragePath("b")))
            #expect(try await files.delete(StoragePath("b")))
        }
        var buffer = [UInt8](repeating: 255, count: 4)
        let got = try await read(file, from: 98, into: &buffer)
        #expect(got == 2 && buffer == [98, 99, 255, 255])
        if !candidate.knowsOpenFiles {
            #expect(try await files.delete(path))
            #expect(await code { () throws(StorageError) in _ = try await file.read(from: 0, count: 1) } == .notFound)
        }
        await file.close()
        await file.close()
        #expect(await code { () throws(StorageError) in _ = try await file.read(from: 0, count: 1) } == .closed)
    }

    private func read(
        _ file: any FileReader,
        from offset: Int64,
        into bytes: inout [UInt8]
    ) async throws(StorageError) -> Int {
        var span = bytes.mutableSpan
        var buffer = span.mutableBytes
        return try await file.read(from: offset, into: &buffer)
    }

    @Test(arguments: Candidate.allCases)
    func onlyFilesAreOpened(candidate: Candidate) async throws {
        let files = try await files(candidate)
        try await files.write([1], to: StoragePath("a/file"))
        for (path, expected) in [
            ("a", StorageError.Code.isADirectory), ("a/none", .notFound), ("none/none", .notFound),
            ("a/file/below", candidate.tellsFilesInTheWay ? .notADirectory : .notFound),
        ] {
            let path = try StoragePath(path)
            #expect(await code { () throws(StorageError) in _ = try await files.open(path) } == expected, "\(path)")
        }
    }

    @Test(arguments: Candidate.allCases)
    func creationIsExclusive(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("a")
        try await files.write([1], to: path)
        #expect(await code { () throws(StorageError) in _ = try await files.create(path) } == .alreadyExists)
        #expect(try await files.read(path, bytesMax: 1) == [1])
    }

    @Test(arguments: Candidate.allCases)
    func writerEndsOnce(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("a")
        let file = try await files.create(path)
        #expect(try await file.close() == 0)
        #expect(await code { () throws(StorageError) in _ = try await file.close() } == .closed)
        #expect(await code { () throws(StorageError) in try await file.write([UInt8](1...3).span.bytes) } == .closed)
        await file.abandon()
        let abandoned = try await files.create(StoragePath("b"))
        await abandoned.abandon()
        await abandoned.abandon()
        if candidate.showsUnfinishedFiles {
            #expect(try await files.status(of: StoragePath("b")) != nil, "the name stays")
        }
    }

    @Test(arguments: Candidate.allCases)
    func largeFileIsRefusedWhereASmallOneIsExpected(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("a")
        try await files.write([1, 2, 3], to: path)
        #expect(await code { () throws(StorageError) in _ = try await files.read(path, bytesMax: 2) } == .tooLarge)
    }

    @Test(arguments: Candidate.allCases)
    func renamingNeverReplaces(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let (one, two, three) = (try StoragePath("one"), try StoragePath("two"), try StoragePath("new/deep/three"))
        try await files.write([1], to: one)
        try await files.write([2], to: two)
        #expect(try await !files.rename(one, to: two), "the target exists")
        #expect(try await files.read(two, bytesMax: 1) == [2])
        try await files.createDirectory(StoragePath("directory"))
        #expect(try await !files.rename(one, to: StoragePath("directory")), "nothing is moved into a directory")
        #expect(try await files.read(one, bytesMax: 1) == [1])
        #expect(try await files.rename(one, to: three), "directories above the target are made")
        #expect(try await files.read(three, bytesMax: 1) == [1])
        #expect(try await !files.rename(one, to: three), "the source is gone")
        #expect(try await files.status(of: one) == nil)
        try await files.persistNames(in: three.parent)
    }

    @Test(arguments: Candidate.allCases)
    func oneOfManyRenamesOfOneTargetSucceeds(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let target = try StoragePath("target")
        for number in 0..<16 { try await files.write([UInt8(number)], to: StoragePath("\(number)")) }
        let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
            for number in 0..<16 {
                group.addTask { try await files.rename(StoragePath("\(number)"), to: target) ? UInt8(number) : nil }
            }
            return try await group.reduce(into: []) { winners, winner in winners += [winner].compactMap { $0 } }
        }
        #expect(winners.count == 1)
        #expect(try await files.read(target, bytesMax: 1) == winners)
    }

    @Test(arguments: Candidate.allCases)
    func listingTellsWhatIsThere(candidate: Candidate) async throws {
        let files = try await files(candidate)
        try await files.write([1, 2], to: StoragePath("a/one"))
        try await files.write([], to: StoragePath("a/b/+two"))
        let found = try await files.list(StoragePath("a")).sorted { $0.path < $1.path }
        #expect(found.map(\.path.string) == ["a/b", "a/one"])
        #expect(found.map(\.kind) == [.directory, .file])
        #expect(found.map(\.length) == [0, 2])
        #expect(try await files.list(StoragePath("none")) == [])
        #expect(try await files.files(under: .root).map(\.path.string) == ["a/b/+two", "a/one"])
        #expect(try await files.files(under: .root) { $0.hasPrefix("+") }.map(\.path.string) == ["a/one"])
        let file = try StoragePath("a/one")
        #expect(await code { () throws(StorageError) in _ = try await files.list(file) } == .notADirectory)
    }

    /// A directory of any size is listed in pages, each entry once.
    @Test(arguments: [Candidate.cachedDirectory, .memory, .hdfs], [0, 1, DirectoryLimits.pageEntries, 2_500])
    func largeDirectoryComesInPages(candidate: Candidate, count: Int) async throws {
        let files = try await files(candidate)
        let directory = try StoragePath("d")
        try await files.createDirectory(directory)
        for number in 0..<count { try await files.createDirectory(directory.appending("\(number)")) }
        let pages = try await files.pages(of: directory)
        var names: [String] = []
        while true {
            let page = try await pages.next()
            if page.isEmpty { break }
            #expect(page.count <= DirectoryLimits.pageEntries)
            names += page.map(\.path.name)
        }
        #expect(names.count == count && Set(names).count == count)
        #expect(try await pages.next() == [], "the end stays the end")
        #expect(try await files.list(directory).count == count)
    }

    @Test(arguments: Candidate.allCases)
    func deletionTellsWhetherItWasThere(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("a/one")
        try await files.write([1], to: path)
        #expect(await code { () throws(StorageError) in _ = try await files.delete(path.parent) } == .alreadyExists)
        #expect(try await files.delete(path))
        #expect(try await !files.delete(path))
        #expect(try await files.delete(path.parent))
    }

    @Test(arguments: Candidate.allCases)
    func aFileWhereADirectoryIsNeededIsRefused(candidate: Candidate) async throws {
        let files = try await files(candidate)
        try await files.write([1], to: StoragePath("a"))
        let (below, other) = (try StoragePath("a/b/c"), try StoragePath("other"))
        try await files.write([2], to: other)
        // It is told when the file is created, or when it is sent.
        #expect(await code { () throws(StorageError) in try await files.write([3], to: below) } == .notADirectory)
        #expect(await code { () throws(StorageError) in try await files.createDirectory(below) } == .notADirectory)
        #expect(
            await code { () throws(StorageError) in _ = try await files.rename(other, to: below) } == .notADirectory
        )
        #expect(try await files.read(other, bytesMax: 1) == [2])
    }

    /// A file that is larger than every buffer on its way, written in pieces of several sizes.
    @Test(arguments: Candidate.allCases)
    func largeFileIsWrittenAndReadInPieces(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let path = try StoragePath("+tmp/large")
        let bytes = (0..<3_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        let file = try await files.create(path)
        var place = 0
        for size in [1, 60_000, 10_000, 1_500_000, 64 << 10, 1 << 20, 3_500_000] where place < bytes.count {
            let end = min(place + size, bytes.count)
            try await file.write(bytes.span.bytes.extracting(place..<end))
            place = end
        }
        #expect(try await file.close() == Int64(bytes.count))
        #expect(try await files.read(path, bytesMax: bytes.count) == bytes)
        let reader = try await files.open(path)
        for offset in [3_499_990, 0, 2_000_000, 2_000_100, 17] as [Int64] {
            let expected = Array(bytes[Int(offset)..<min(Int(offset) + 100, bytes.count)])
            #expect(try await reader.read(from: offset, count: 100) == expected)
        }
        await reader.close()
    }

    /// Names are bytes: no character of a URL means anything in them.
    @Test(arguments: Candidate.allCases)
    func namesMayHaveAnyCharacter(candidate: Candidate) async throws {
        let files = try await files(candidate)
        let names = [
            "+tmp", "a b", "a%41", "100%", "a;b", "a&b=c", "a?b#c", "a'b\"c", "ü€😀", "a+b", "[1]{2}", "a\\b", "~a,b",
        ]
        for name in names {
            let path = try StoragePath("d/\(name)/\(name)")
            try await files.write(Array(name.utf8), to: path)
            #expect(try await files.read(path, bytesMax: 100) == Array(name.utf8), "\(name)")
            #expect(try await files.list(path.parent).map(\.path) == [path], "\(name)")
            #expect(try await files.rename(path, to: StoragePath("e/\(name)")), "\(name)")
        }
        #expect(Set(try await files.list(StoragePath("e")).map(\.path.name)) == Set(names))
        for name in names { #expect(try await files.delete(StoragePath("e/\(name)")), "\(name)") }
    }

    /// Several files are written at once, each whole.
    @Test(arguments: Candidate.allCases)
    func manyFilesAreWrittenAtOnce(candidate: Candidate) async throws {
        let files = try await files(candidate)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    let file = try await files.create(StoragePath("\(number)"))
                    for _ in 0..<5 {
                        try await file.write([UInt8](repeating: UInt8(number), count: 50_000).span.bytes)
                        await Task.yield()
                    }
                    #expect(try await file.close() == 250_000)
                }
            }
            try await group.waitForAll()
        }
        for number in 0..<12 {
            let bytes = try await files.read(StoragePath("\(number)"), bytesMax: 250_000)
            #expect(bytes == [UInt8](repeating: UInt8(number), count: 250_000))
        }
    }
}
