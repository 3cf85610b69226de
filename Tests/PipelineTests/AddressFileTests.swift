import Foundation
import PipelineTesting
import SystemPackage
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct AddressFileTests {
    @Test func addressIsThereWhileThePipelineRuns() async throws {
        struct Broken: Error {}
        let folder = ScratchDirectory()
        let path = folder.path.appending("run/kafka.address").string
        await #expect(throws: Broken.self) {
            try await AddressFile(path: path).publish("127.0.0.1:1") {
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "127.0.0.1:1\n")
                throw Broken()
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
