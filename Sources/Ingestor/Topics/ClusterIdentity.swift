import NIOCore

/// What a client knows this node and its cluster by. The cluster's id is made once for a data directory and kept there, so
/// that a client which remembers it can tell that it talks to another one.
package enum ClusterIdentity {
    /// This node's number: brokers are numbered from 0, and there is one.
    package static let nodeID: Int32 = 0
    /// The epoch of every partition's leader: the leader never changes.
    package static let leaderEpoch: Int32 = 0

    private static let byteCount = 16
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    /// The cluster's id in the file at `path`, made there if need be: 22 letters, as Kafka's.
    package static func clusterID(
        at path: String,
        using generator: inout some RandomNumberGenerator
    ) throws(IngestorError) -> String {
        var content = ByteBuffer()
        _ = try JournalFile(path, content: &content)
        let text = content.readString(length: content.readableBytes) ?? ""
        if !text.isEmpty {
            guard text.hasSuffix("\n"), text.dropLast().allSatisfy({ alphabet.contains($0) }) else {
                throw .corruptFile(
                    path,
                    "does not hold a cluster id",
                    withoutIt: "the cluster gets a new id, and clients that know the old one take it for another"
                )
            }
            return String(text.dropLast())
        }
        let id = identifier(using: &generator)
        try JournalFile.write(ByteBuffer(string: id + "\n"), atomicallyTo: path)
        return id
    }

    /// A random identifier of 128 bits as 22 letters that are safe in a URL.
    package static func identifier(using generator: inout some RandomNumberGenerator) -> String {
        let letters = (byteCount * 8 + 5) / 6
        return String((0..<letters).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] })
    }
}
