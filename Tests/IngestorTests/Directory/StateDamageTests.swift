import Files
import Foundation
import Ingestor
import PipelineTesting
import SystemPackage
import Testing

/// One flipped bit in a small state file is found: the file is refused and left as it is.
@Suite struct StateDamageTests {
    /// Calls `body` with each damaged form of the file that `make` wrote.
    private func withEachFlippedBit(
        of name: String,
        _ make: (FilePath) throws -> Void,
        _ body: (FilePath, Comment) throws -> Void
    ) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending(name)
            try make(path)
            let bytes = try #require(try Disk().contents(of: path))
            for index in bytes.indices {
                for bit in UInt8(0)..<8 {
                    var damaged = bytes
                    damaged[index] ^= 1 << bit
                    try Data(damaged).write(to: URL(fileURLWithPath: path.string))
                    try body(path, "\(name), byte \(index), bit \(bit)")
                    #expect(try Disk().contents(of: path) == damaged, "\(name), byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test func damagedProducerIDsAreRefused() throws {
        try withEachFlippedBit(of: "producer-ids") { path in
            _ = try ProducerIDs(at: path).next()
        } _: { path, comment in
            let error = #expect(throws: IngestorError.self, comment) { _ = try ProducerIDs(at: path) }
            #expect(error?.code == .corruptFile && error?.message.contains("Move it away") == true, comment)
        }
    }

    @Test func damagedClusterIDsAreRefused() throws {
        var generator = SeededGenerator(seed: 1)
        try withEachFlippedBit(of: "cluster-id") { path in
            _ = try ClusterIdentity.clusterID(at: path, using: &generator)
        } _: { path, comment in
            let error = #expect(throws: IngestorError.self, comment) {
                _ = try ClusterIdentity.clusterID(at: path, using: &generator)
            }
            #expect(error?.code == .corruptFile && error?.message.contains("Move it away") == true, comment)
        }
    }
}
