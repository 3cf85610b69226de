import Foundation
import Ingestor
import PipelineTesting
import SystemPackage
import Testing

@Suite struct ProducerIDsTests {
    @Test func numbersNeverRepeatOverRestarts() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("producer-ids")
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

    /// What the logs remember, and the first number that is given where the file is lost.
    static let known: [([Int64], Int64)] = [
        ([], 0), ([0], 1), ([7, 41, 8], 42),
        // Any client can write such a number into its batches.
        ([7, .max], 8), ([.max], 0),
    ]

    @Test(arguments: known.indices)
    func numbersThatLogsRememberAreNotGivenAgain(index: Int) throws {
        let (known, next) = Self.known[index]
        try withTemporaryDirectory { directory in
            let path = directory.appending("producer-ids")
            let ids = try ProducerIDs(at: path, beyond: known)
            #expect(try ids.next() == next)
            let again = try ProducerIDs(at: path)
            #expect(try again.next() == next + ProducerIDs.blockSize)
        }
    }

    /// Programs of the first format left such a file where no producer was idempotent.
    @Test func emptyFileHasGivenNoNumber() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("producer-ids")
            try Data().write(to: URL(fileURLWithPath: path.string))
            #expect(try ProducerIDs(at: path, beyond: [7]).next() == 8)
            #expect(try ProducerIDs(at: path).next() == 8 + ProducerIDs.blockSize)
        }
    }

    @Test(arguments: ["x\n", "-1\n", "12"])
    func fileThatHoldsNoNumberIsRefused(content: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("producer-ids")
            try Data(content.utf8).write(to: URL(fileURLWithPath: path.string))
            #expect(throws: IngestorError.self) { _ = try ProducerIDs(at: path) }
        }
    }
}
