import Foundation
import Ingestor
import PipelineTesting
import SystemPackage
import Testing

@Suite struct ProducerIDsTests {
    @Test func numbersNeverRepeatOverRestarts() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("producer-ids").string
            var given: Set<Int64> = []
            for _ in 0..<5 {
                // Opened anew without being closed: a crash looks like this.
                let ids = try ProducerIDs(at: path)
                for _ in 0..<1500 {
                    #expect(given.insert(try ids.next()).inserted)
                }
            }
        }
    }

    @Test(arguments: ["x\n", "-1\n", "12"])
    func fileThatHoldsNoNumberIsRefused(content: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("producer-ids").string
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: IngestorError.self) { _ = try ProducerIDs(at: path) }
        }
    }
}
