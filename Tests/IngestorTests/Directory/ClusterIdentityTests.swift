import Ingestor
import PipelineTesting
import SystemPackage
import Testing

@Suite struct ClusterIdentityTests {
    @Test func clusterKeepsItsIdentifier() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("cluster-id")
            var generator = SeededGenerator(seed: 1)
            let first = try ClusterIdentity.clusterID(at: path, using: &generator)
            #expect(first.count == 22)
            #expect(try ClusterIdentity.clusterID(at: path, using: &generator) == first)
            let other = try ClusterIdentity.clusterID(at: directory.appending("other"), using: &generator)
            #expect(other != first)
        }
    }
}
