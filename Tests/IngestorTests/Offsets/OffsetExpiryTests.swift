import KafkaTopics
import NIOCore
import Synchronization
import Testing

@testable import Ingestor

@Suite struct OffsetExpiryTests {
    /// A member of a group says that it is there only when it joins, which it does some time after a start.
    @Test func offsetsFromBeforeTheStartStayUntilMembersHadTimeToJoin() throws {
        let now = Mutex(Int64(1_000_000))
        try withBroker(
            logClock: { now.withLock { $0 } },
            configure: {
                $0.limits.offsetsRetention = .seconds(1)
                $0.limits.rejoinTime = .seconds(600)
            }
        ) { broker in
            let place = TopicPartition(topic: "events", partition: 0)
            for (group, time) in [("before", Int64(500_000)), ("since", 1_001_000)] {
                try broker.offsets.commit(group: group, [place: CommittedOffset(offset: 1)], at: time)
            }
            now.withLock { $0 = 1_005_000 }
            try broker.expireOffsets()
            #expect(broker.offsets.groupNames == ["before"])
            now.withLock { $0 = 1_600_000 }
            try broker.expireOffsets()
            #expect(broker.offsets.groupNames == [])
        }
    }
}
