import KafkaProtocol
package import NIOCore

/// Every limit of the ingestor, by name; Kafka's own name in brackets.
package struct IngestorLimits: Sendable, Equatable {
    /// Addresses to listen at.
    package var listenersMax = 8
    /// Connections served at a time; one more is closed as soon as it is accepted (`max.connections`).
    package var connectionsMax = 1_000
    /// The greatest request: a length prefix beyond it closes the connection (`socket.request.max.bytes`).
    package var requestBytesMax = 16 * 1024 * 1024
    /// Memory for requests that are being read or answered and for answers that are not sent yet, all connections together
    /// (`queued.max.request.bytes`). When it is used up, sockets are not read until some of it is free again; nothing is
    /// dropped. The greatest request and one of ``mediumRequestBytesMax`` have room of their own in it: see
    /// ``RequestMemory``.
    package var requestMemoryBytesMax = 28 * 1024 * 1024
    /// A request up to this has a lane of its own when memory is short, so that larger ones do not hold it up: a producer's
    /// usual batch (`max.request.size` of Kafka's clients is 1 MiB) with what is around it.
    package var mediumRequestBytesMax = 1024 * 1024 + 16 * 1024
    /// What each connection may read without asking for memory.
    package var smallRequestBytesMax = 4 * 1024
    /// The smallest buffer that a socket is read into.
    package var receiveBufferBytesMin = 2 * 1024
    /// The greatest buffer that a socket is read into: a busy connection grows to it.
    package var receiveBufferBytesMax = 512 * 1024
    /// Requests as long as the last one that a read may bring, where these are more than ``receiveBufferBytesMin``.
    package var requestsPerReadMax = 8
    /// The bytes that connections may have here without asking, all together: the small requests of each and as much of
    /// answers that are not sent yet.
    package var unaskedBytesMax = 16 * 1024 * 1024
    /// The memory that a request waits for whose answer can be much longer than itself. Apart from records and from the
    /// names that a request asks about, few answers have more.
    package var answerBytesMax = 1024 * 1024
    /// Charged while a long answer is being made, before its size is known. Most are shorter.
    package var reservedAnswerBytes = 256 * 1024
    /// Settings in one answer; a request for more is refused, for fewer topics at a time.
    package var describedBytesMax = 4 * 1024 * 1024
    /// Partitions in one page of topics (`max.request.partition.size.limit`).
    package var describedPartitionsMax = 2_000
    /// Producers in one answer; a request for more is refused, for fewer partitions at a time.
    package var describedProducersMax = 100_000
    /// An answer up to this is not counted while it is sent.
    package var uncountedAnswerBytesMax = 4 * 1024
    /// Bytes of answers that are not sent yet beyond which no further request of that connection is read.
    package var unsentAnswerBytesMax = 8 * 1024
    /// The time in which a half-read request must have come, or ``requestArrivalBytesMin`` more of it, before the
    /// connection is closed.
    package var requestArrivalTimeout = TimeAmount.seconds(30)
    /// See ``requestArrivalTimeout``: about 1 kB/s.
    package var requestArrivalBytesMin = 32 * 1024
    /// The same while others wait for memory, for a connection that holds more than a small request, or answers that it does
    /// not take.
    package var pressedPace = PeerProgress.Pace(byteCount: 256 * 1024, time: .seconds(1))
    /// How long a connection may be idle (`connections.max.idle.ms`).
    package var connectionIdleTimeout = TimeAmount.minutes(10)
    /// Bytes of compacted topics that are read in a second while they are cleaned; about as many are written at most
    /// (`log.cleaner.io.max.bytes.per.second`). Producing and consuming lose less than a tenth of their speed beside it.
    package var cleaningBytesPerSecondMax = 24 * 1024 * 1024
    /// In how many parts of a second that is done, so that nothing waits long for one of them.
    package var cleaningRunsPerSecond = 10
    /// The longest wait of a fetch for new records, whatever the client asks for.
    package var fetchWaitMax = TimeAmount.seconds(60)
    /// How long an answer without a batch is held back where batches had to be looked into first.
    package var emptyCheckedFetchPause = TimeAmount.milliseconds(500)
    /// A fetch of at most so many partitions returns the memory of its request while it waits: what is kept of it is small.
    package var fetchWaitUnchargedPartitionsMax = 500
    /// Record bytes in one answer to a fetch, whatever the client asks for (`fetch.max.bytes`).
    package var fetchBytesMax = 55 * 1024 * 1024
    /// Fetch sessions at a time (`max.incremental.fetch.session.cache.slots`). Clients beyond send whole requests.
    package var fetchSessionsMax = 1_000
    /// What fetch sessions may take in memory: about 200 bytes a partition.
    package var fetchSessionsBytesMax = 8 * 1024 * 1024
    /// How long a fetch session must not have been used before another one may have its place.
    package var fetchSessionIdleMin = TimeAmount.minutes(2)
    /// Partitions in one request to fetch or to find offsets, and in one answer about committed offsets; more are refused as
    /// an invalid request.
    package var partitionsPerRequestMax = 10_000
    /// How long a request may append batches that are compressed, or that wait for the disk, before other requests have
    /// their turn. One batch is not interrupted.
    package var produceTurn = TimeAmount.milliseconds(10)
    /// Batches that a request may append before other connections have their turn.
    package var produceBatchesOnEventLoopMax = 100
    /// Refused batches of one request that have a log line each.
    package var refusalsLoggedPerRequestMax = 10
    /// Topics that exist at a time, and partitions of all of them.
    package var partitionsMax = 4_000
    /// Partitions of one topic.
    package var partitionsPerTopicMax = 1_000
    /// Topics created on first use at once, and the time until one more is: further ones are created when the client asks
    /// again.
    package var firstUseTopicsMax = 100
    package var firstUseTopicInterval = TimeAmount.milliseconds(100)
    /// Consumer groups that have members at a time, and as many that have committed offsets.
    package var groupsMax = 10_000
    /// Members of one consumer group (`group.max.size`).
    package var groupMembersMax = 1_000
    /// Protocols (assignors) that one member may support.
    package var groupProtocolsMax = 64
    /// What the members of one group may keep here: names, metadata and assignments.
    package var groupBytesMax = 1024 * 1024
    /// The same of all groups.
    package var allGroupsBytesMax = 8 * 1024 * 1024
    /// The longest name of a group or of a static member, in bytes; of a client's name so much goes into its member's.
    package var groupNameBytesMax = 255
    /// The longest id that a member of the classic protocol may say that it has: it begins with a name, and has a UUID.
    package var memberIDBytesMax = 300
    /// The least session timeout that a member may ask for (`group.min.session.timeout.ms`).
    package var sessionTimeoutMin = TimeAmount.milliseconds(100)
    /// The greatest one (`group.max.session.timeout.ms`).
    package var sessionTimeoutMax = TimeAmount.minutes(30)
    /// Different regular expressions of one group's members, and the bytes of one; see ``TopicPattern``.
    package var groupPatternsMax = 16
    package var patternBytesMax = 4_096
    /// How long a member of the protocol of KIP-848 may be silent (`group.consumer.session.timeout.ms`).
    package var consumerSessionTimeout = TimeAmount.seconds(45)
    /// How often such a member tells that it lives (`group.consumer.heartbeat.interval.ms`).
    package var consumerHeartbeatInterval = TimeAmount.seconds(5)
    /// How long a new member's first join may wait before the group removes it.
    package var newMemberJoinTimeout = TimeAmount.minutes(5)
    /// What committed offsets of all groups may take in memory.
    package var offsetsBytesMax = 8 * 1024 * 1024
    /// How long the offsets of a group without members are kept since it committed or had members
    /// (`offsets.retention.minutes`).
    package var offsetsRetention = TimeAmount.hours(7 * 24)
    /// How long after a start no offsets from before it expire: their groups' members join again meanwhile.
    package var rejoinTime = TimeAmount.minutes(10)
    /// Bytes of the metadata of a committed offset (`offset.metadata.max.bytes`).
    package var offsetMetadataBytesMax = 4_096
    /// A request that takes longer is logged as slow, unless it waits for others; `nil` logs none.
    package var slowRequest: TimeAmount? = .seconds(1)
    /// Warnings and errors of the same words that are logged at once, and the time until one more is; the others are counted.
    package var repeatedLogLinesMax = 10
    package var repeatedLogLineInterval = TimeAmount.seconds(1)
    /// How old measured values may be that are shown again instead of measured anew.
    package var readingsAge = TimeAmount.seconds(1)
    /// Partitions whose lag is shown, of all groups together.
    package var lagsMax = 10_000
    /// Of these so many whose lag is shown in time too: each costs a read of the log.
    package var lagTimesMax = 1_000
    /// How long a stopping ingestor waits for answers under way.
    package var shutdownGrace = TimeAmount.seconds(5)

    package init() {}

    /// What ``offsetsRetentionMinutes`` can be: up to a century.
    package static let offsetsRetentionMinutesBounds = 1...52_560_000
    /// ``offsetsRetention`` in minutes, as Kafka's setting counts.
    package var offsetsRetentionMinutes: Int {
        get { Int(offsetsRetention.nanoseconds / 60_000_000_000) }
        set { offsetsRetention = .minutes(Int64(newValue)) }
    }

    /// How these limits contradict each other; `nil` where they do not.
    package var problem: String? {
        let lanes = laneSizes.reduce(0) { $0 &+ $1 }
        if requestBytesMax < 1024 || requestBytesMax > KafkaProtocol.Limits.frameByteCountMax {
            return "the greatest request (ingestor.request-bytes-max) has 1024 to "
                + "\(KafkaProtocol.Limits.frameByteCountMax) bytes, not \(requestBytesMax)"
        }
        if requestMemoryBytesMax < lanes {
            return "the memory for requests (ingestor.request-memory-bytes-max, \(requestMemoryBytesMax) bytes) has no "
                + "room for the greatest request (ingestor.request-bytes-max, \(requestBytesMax) bytes) beside one of usual size: "
                + "give it at least \(lanes) bytes"
        }
        if receiveBufferBytesMax < receiveBufferBytesMin || receiveBufferBytesMin < 64 {
            return
                "receive buffers cannot have \(receiveBufferBytesMin) to \(receiveBufferBytesMax) bytes: the smallest has at "
                + "least 64 bytes, and the largest no fewer"
        }
        let each = smallRequestBytesMax + unsentAnswerBytesMax + uncountedAnswerBytesMax
        let (unasked, overflows) = connectionsMax.multipliedReportingOverflow(by: each)
        if overflows || unasked > unaskedBytesMax {
            return "\(connectionsMax) connections can have \(each) bytes each without asking, which is more than the "
                + "\(unaskedBytesMax) bytes that there are for that"
        }
        if sessionTimeoutMax < sessionTimeoutMin {
            return
                "session timeouts cannot last from \(sessionTimeoutMin) to \(sessionTimeoutMax): the greatest is no less than "
                + "the least"
        }
        if consumerHeartbeatInterval <= .zero || consumerSessionTimeout < consumerHeartbeatInterval {
            return
                "a member of a group sends a heartbeat every \(consumerHeartbeatInterval) and may be silent for "
                + "\(consumerSessionTimeout): the first is more than nothing, and the second no less than the first"
        }
        if connectionsMax < 1 || partitionsMax < 1 || groupsMax < 1 || groupMembersMax < 1 {
            return "the limits of connections, partitions, groups and members are at least 1"
        }
        return nil
    }

    /// The greatest requests of ``RequestMemory``'s lanes.
    var laneSizes: [Int] { [min(mediumRequestBytesMax, requestBytesMax), requestBytesMax] }

    /// How fast a request has to come at any time.
    var arrivalPace: PeerProgress.Pace { .init(byteCount: requestArrivalBytesMin, time: requestArrivalTimeout) }
}
