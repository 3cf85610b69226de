import KafkaProtocol

/// There is one node, so every partition has had one leader, in the epoch of ``ClusterIdentity/leaderEpoch``.
enum LeaderEpoch {
    /// What a client is told that has heard of another epoch (KIP-320); `nil` where it has not.
    static func problem(with epoch: Int32) -> ErrorCode? {
        if epoch < 0 || epoch == ClusterIdentity.leaderEpoch { return nil }
        return epoch < ClusterIdentity.leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }
}
