import Files
import Foundation
import PipelineTesting
import SystemPackage
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(15))) struct DemoDirectoryTests {
    private let folder = ScratchDirectory()

    private var directory: DemoDirectory { DemoDirectory(path: path("demo")) }

    private func path(_ name: String) -> String { folder.path.appending(name).string }

    private func write(_ name: String) throws {
        let file = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data("gold".utf8).write(to: file)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
    }

    @Test func eachDemoBeginsWithAnEmptyDirectory() async throws {
        for _ in 1...2 {
            try await directory.whileHeld {
                #expect(try names == [".hera-demo", ".lock"])
                try write("demo/storage/file")
            }
        }
    }

    @Test func secondDemoTouchesNothingWhileOneRuns() async throws {
        try await directory.whileHeld {
            try write("demo/storage/file")
            let error = await #expect(throws: FileError.self) { try await directory.whileHeld {} }
            #expect(error?.code == .locked)
            #expect(try names == [".hera-demo", ".lock", "storage"])
        }
    }

    @Test func runningPipelineKeepsWhatADemoLeft() async throws {
        try await directory.whileHeld { try write("demo/ingestor/file") }
        let pipeline = try DirectoryLock(FilePath(path("demo/ingestor")))
        await #expect(throws: FileError.self) { try await directory.whileHeld {} }
        #expect(try names == [".hera-demo", ".lock", "ingestor"])
        withExtendedLifetime(pipeline) {}
    }

    @Test func failedDemoLeavesADirectoryForTheNext() async throws {
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            try await directory.whileHeld {
                try write("demo/storage/file")
                throw Broken()
            }
        }
        try await directory.whileHeld { () throws in #expect(try names == [".hera-demo", ".lock"]) }
    }

    @Test func pipelineThatTakesADemosDirectoryOverKeepsIt() async throws {
        try await directory.whileHeld { try write("demo/ingestor/file") }
        #expect(try directory.adopt())
        #expect(try !directory.adopt())
        try write("demo/storage/mine")
        await #expect(throws: DemoError.self) { try await directory.whileHeld {} }
        #expect(try names == [".lock", "ingestor", "storage"])
    }

    @Test func directoryOfARunningDemoIsNotTakenOver() async throws {
        try await directory.whileHeld { () throws in
            #expect(throws: (any Error).self) { try directory.adopt() }
            #expect(try names.contains(".hera-demo"))
        }
    }

    @Test func onlyWhatADemoMakesIsRemoved() async throws {
        try await directory.whileHeld { try write("demo/report/report.html") }
        try write("demo/notes.txt")
        try await directory.whileHeld { () throws in #expect(try names == [".hera-demo", ".lock", "notes.txt"]) }
    }

    @Test func directoryOfOthersIsLeftAlone() async throws {
        try write("demo/treasure")
        await #expect(throws: DemoError.self) { try await directory.whileHeld {} }
        #expect(try names == ["treasure"])
    }

    @Test func whatCannotBeListedIsNotTakenForEmpty() async throws {
        try write("demo")
        await #expect(throws: (any Error).self) { try await directory.whileHeld {} }
        #expect(try String(contentsOfFile: directory.path, encoding: .utf8) == "gold")
    }
}
