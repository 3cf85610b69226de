import Files
import PipelineTesting
import SystemPackage
import Testing

/// Several files that take the place of others together.
@Suite(.timeLimit(.minutes(15))) struct ReplacementFilesTests {
    private static let names = ["a.csv", "b.json", "c.html"]
    private let scratch = ScratchDirectory()

    private func write(_ text: String, disk: Disk = Disk(), failingWith error: (any Error)? = nil) async throws {
        try await ReplacementFiles(in: scratch.path, disk: disk).write(Self.names) { drafts in
            for (draft, name) in zip(drafts, Self.names) {
                try draft.append(text)
                if let error { throw error }
                // More than is buffered.
                try draft.append(String(repeating: name, count: 20_000))
            }
        }
    }

    private func expect(_ text: String, _ comment: Comment? = nil) throws {
        for name in Self.names {
            let bytes = try #require(try Disk().contents(of: scratch.path.appending(name)))
            let expected = text + String(repeating: name, count: 20_000)
            #expect(String(decoding: bytes, as: UTF8.self) == expected, comment)
        }
    }

    private func namesLeft() throws -> [String] { try Disk().names(in: scratch.path) }

    @Test func allFilesAreReplacedAndNothingIsLeftBeside() async throws {
        try await write("first")
        try expect("first")
        // A crash may leave this.
        try Disk().replace(scratch.path.appending(".b.json.tmp"), with: Array(repeating: 1, count: 1_000_000))
        try await write("second")
        try expect("second")
        #expect(try namesLeft() == Self.names)
    }

    @Test(arguments: names) func noneIsReplacedWhereOneCannotBeWritten(blocked: String) async throws {
        try await write("old")
        // A directory with the name of the file that the bytes go to first.
        try Disk().makeDirectory(scratch.path.appending(".\(blocked).tmp"))
        let error = await #expect(throws: FileError.self) { try await write("new") }
        #expect(error?.path == scratch.path.appending(blocked))
        try expect("old")
        #expect(try namesLeft() == ([".\(blocked).tmp"] + Self.names), "nothing else is left behind")
    }

    /// A disk that takes the bytes and fails when they are forced to the device, or when a file gets its name.
    @Test(arguments: [true, false]) func aFailingDiskLeavesTheOldFiles(failsAtFlush: Bool) async throws {
        try await write("old")
        var calls = DiskCalls.system
        if failsAtFlush {
            calls.synchronize = { _ throws(Errno) in throw .ioError }
        } else {
            calls.rename = { _, _ throws(Errno) in throw .ioError }
        }
        let disk = Disk(calls: calls)
        let error = await #expect(throws: FileError.self) { try await write("new", disk: disk) }
        #expect(error?.path == scratch.path.appending(Self.names[0]))
        try expect("old")
        #expect(try namesLeft() == Self.names)
    }

    @Test func writerThatFailsLeavesTheOldFiles() async throws {
        try await write("old")
        await #expect(throws: CancellationError.self) {
            try await write("new", failingWith: CancellationError())
        }
        try expect("old")
        #expect(try namesLeft() == Self.names)
    }
}
