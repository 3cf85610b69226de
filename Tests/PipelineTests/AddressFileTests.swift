import Foundation
import Logging
import PipelineTesting
import SystemPackage
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(15))) struct AddressFileTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func pipelineRunsWithoutTheFileThatCannotBeWritten() async throws {
        let folder = ScratchDirectory()
        let path = folder.path.appending("run/kafka.address").string
        try FileManager.default.createDirectory(atPath: folder.path.string, withIntermediateDirectories: true)
        // A file lies where the directory would be.
        try Data().write(to: URL(fileURLWithPath: folder.path.appending("run").string))
        var hasRun = false
        try await AddressFile(path: path, logger: logger).publish("127.0.0.1:1") { hasRun = true }
        #expect(hasRun)
    }

    @Test func addressIsThereWhileThePipelineRuns() async throws {
        struct Broken: Error {}
        let folder = ScratchDirectory()
        let path = folder.path.appending("run/kafka.address").string
        await #expect(throws: Broken.self) {
            try await AddressFile(path: path, logger: logger).publish("127.0.0.1:1") {
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "127.0.0.1:1\n")
                throw Broken()
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
