package import Files
import KafkaProtocol
package import SystemPackage

/// The ids of this node and its cluster. The cluster id is created once for a data directory and stored there, so that a
/// client that knows it notices when it connects to another cluster.
package enum ClusterIdentity {
    /// This node's number: brokers are numbered from 0, and there is one.
    package static let nodeID: Int32 = 0
    /// The epoch of every partition's leader: the leader never changes.
    package static let leaderEpoch: Int32 = 0

    private static let byteCount = 16
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    /// The cluster's id in the file at `path`, made there if need be: 22 letters, as Kafka's.
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
            let id = identifier(using: &generator)
            try file.write(Array((id + "\n").utf8))
            return id
        } catch {
            throw IngestorError(error)
        }
    }

    private static func id(in bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\n"), text.count > 1, text.dropLast().allSatisfy(alphabet.contains) else { return nil }
        return String(text.dropLast())
    }

    /// A random identifier of 128 bits as 22 letters that are safe in a URL.
    package static func identifier(using generator: inout some RandomNumberGenerator) -> String {
        let letters = (byteCount * 8 + 5) / 6
        return String((0..<letters).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] })
    }

    /// Kafka's error for a client that knows another leader epoch (KIP-320); `nil` where it knows this one or none.
    static func check(leaderEpoch epoch: Int32) -> ErrorCode? {
        if epoch < 0 || epoch == leaderEpoch { return nil }
        return epoch < leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }
}
