package import NIOCore

/// Every bound of the ingestor, by name. Kafka's own name of a bound stands behind it in brackets.
package struct IngestorLimits: Sendable, Equatable {
    /// Connections served at a time; one more is closed as soon as it is accepted (`max.connections`).
    package var connectionsMax = 1_000
    /// The greatest request: a length prefix beyond it closes the connection (`socket.request.max.bytes`).
    package var requestBytesMax = 16 * 1024 * 1024
    /// Memory for requests that are being read or answered, all connections together (`queued.max.request.bytes`).
    /// When it is used up, sockets are not read until some of it is free again; nothing is dropped. What comes before a
    /// request's length is known has a bound of its own: see ``unreservedBytesMax``.
    package var requestMemoryBytesMax = 48 * 1024 * 1024
    /// The smallest buffer that a socket is read into.
    package var receiveBufferBytesMin = 2 * 1024
    /// The greatest buffer that a socket is read into: a busy connection grows to it.
    package var receiveBufferBytesMax = 512 * 1024
    /// The bytes that can come before their request has memory, all connections together: one read of each. The number of
    /// connections and their greatest buffer must keep to it.
    package var unreservedBytesMax = 512 * 1024 * 1024
    /// How long a request may stand half read without one more byte, before the connection is closed.
    package var requestArrivalTimeout = TimeAmount.seconds(30)
    /// How long a connection may say nothing at all (`connections.max.idle.ms`).
    package var connectionIdleTimeout = TimeAmount.minutes(10)
    /// The longest wait of a fetch for new records, whatever the client asks for.
    package var fetchWaitMax = TimeAmount.seconds(60)
    /// Partitions up to which a fetch that waits gives the memory of its request back: what is kept of such a one is small.
    package var fetchWaitUnchargedPartitionsMax = 500
    /// Record bytes in one answer to a fetch, whatever the client asks for (`fetch.max.bytes`).
    package var fetchBytesMax = 55 * 1024 * 1024
    /// Partitions in one request to fetch or to find offsets, and in one answer about committed offsets; more are refused as
    /// an invalid request.
    package var partitionsPerRequestMax = 10_000
    /// How long a request may append batches that are compressed, or that wait for the disk, before other requests have
    /// their turn. One batch is not interrupted.
    package var produceTurn = TimeAmount.milliseconds(10)
    /// Topics that exist at a time, and partitions of all of them.
    package var partitionsMax = 4_000
    /// Partitions of one topic.
    package var partitionsPerTopicMax = 1_000
    /// Consumer groups that have members at a time, and as many that have committed offsets.
    package var groupsMax = 10_000
    /// Members of one consumer group (`group.max.size`).
    package var groupMembersMax = 1_000
    /// The least session timeout that a member may ask for (`group.min.session.timeout.ms`).
    package var sessionTimeoutMin = TimeAmount.milliseconds(100)
    /// The greatest one (`group.max.session.timeout.ms`).
    package var sessionTimeoutMax = TimeAmount.minutes(30)
    /// How long a new member's first join may wait before the group forgets it.
    package var newMemberJoinTimeout = TimeAmount.minutes(5)
    /// Bytes of the note that a client may put beside an offset (`offset.metadata.max.bytes`).
    package var offsetMetadataBytesMax = 4_096
    /// How long a stopping ingestor waits for answers under way.
    package var shutdownGrace = TimeAmount.seconds(5)

    package init() {}

    /// Why these limits contradict each other, in words for a person; `nil` where they fit together.
    package var problem: String? {
        if requestMemoryBytesMax < requestBytesMax {
            return "the memory for requests (\(requestMemoryBytesMax) bytes) is less than the greatest request "
                + "(\(requestBytesMax) bytes): no such request could ever be read"
        }
        if receiveBufferBytesMax < receiveBufferBytesMin || receiveBufferBytesMin < 64 {
            return "receive buffers of \(receiveBufferBytesMin) to \(receiveBufferBytesMax) bytes make no range"
        }
        let (unreserved, overflows) = connectionsMax.multipliedReportingOverflow(by: receiveBufferBytesMax)
        if overflows || unreserved > unreservedBytesMax {
            return
                "\(connectionsMax) connections with receive buffers of \(receiveBufferBytesMax) bytes can take more than "
                + "the \(unreservedBytesMax) bytes that there are for requests of unknown length"
        }
        if sessionTimeoutMax < sessionTimeoutMin {
            return "session timeouts from \(sessionTimeoutMin) to \(sessionTimeoutMax) make no range"
        }
        if connectionsMax < 1 || partitionsMax < 1 || groupsMax < 1 || groupMembersMax < 1 {
            return "a limit below 1 leaves nothing to serve"
        }
        return nil
    }
}
