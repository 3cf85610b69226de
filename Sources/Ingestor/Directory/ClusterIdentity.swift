package import Files
import KafkaProtocol
package import SystemPackage

/// The ids of this node and its cluster. The cluster id is created once for a data directory and stored there, so that a
/// client that knows it notices when it connects to another cluster.
package enum ClusterIdentity {
    /// This node's number: brokers are numbered from 0, and there is one.
    package static let nodeID: Int32 = 0

    /// The cluster's id in the file at `path`, made there if need be: a UUID, as Kafka's.
    ///
    /// The file is a `StateFile` of the kind `cluster-id`; the payload is the id and a line feed. Format 1 was the payload
    /// alone.
    package static func clusterID(
        at path: FilePath,
        using generator: inout some RandomNumberGenerator,
        disk: Disk = Disk()
    ) throws(IngestorError) -> String {
        let file = StateFile(
            path,
            kind: "cluster-id",
            version: 2,
            cure: "Move it away to start without it: clients that know the old id take the cluster for another one",
            disk: disk
        )
        do throws(FileError) {
            switch try file.read() {
            case .absent: break
            case .payload(let bytes, _):
                guard let id = id(in: bytes) else { throw file.damaged("it does not hold a cluster id") }
                return id
            case .headerless(let bytes):
                guard let id = id(in: bytes) else { throw file.damaged("it does not hold a cluster id") }
                try file.write(bytes)
                return id
            }
            let id = KafkaUUID.random(using: &generator).description
            try file.write(Array((id + "\n").utf8))
            return id
        } catch {
            throw IngestorError(error)
        }
    }

    /// Earlier versions wrote 22 random letters, which need not be a UUID.
    private static func id(in bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.wholeMatch(of: /([A-Za-z0-9_-]+)\n/).map { String($0.1) }
    }
}
