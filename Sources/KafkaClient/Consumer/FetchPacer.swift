import CRdKafka
import Dispatch
import KafkaTopics
import Synchronization

/// Decides when librdkafka has to be reminded to fetch on. Pure.
///
/// When its queue of records is full (`queued.min.messages` or `queued.max.messages.kbytes`), librdkafka before 2.2
/// stops fetching and looks again only after a second, however soon the queue is empty: a receiver of a million records
/// a second gets a tenth of them. So the pacer watches the queue, and asks for a reminder when it was full and is half
/// empty, or when it runs dry after a quarter of its capacity.
struct FetchPacer {
    private let recordsMax: Int
    private let bytesMax: Int
    private var wasFull = false
    /// Since the last reminder.
    private var records = 0
    private var bytes = 0

    /// - Parameters:
    ///   - recordsMax: how many records fill the queue.
    ///   - bytesMax: how many bytes fill it.
    init(recordsMax: Int, bytesMax: Int) {
        self.recordsMax = max(1, recordsMax)
        self.bytesMax = max(1, bytesMax)
    }

    /// For a consumer of these bounds.
    init(_ handle: ClientHandle) {
        self.init(
            recordsMax: handle.number("queued.min.messages") ?? Limits.consumerRecordsAhead,
            // librdkafka has checked the value: it is at most 2,097,151.
            bytesMax: (handle.number("queued.max.messages.kbytes") ?? Limits.consumerKilobytesMax) * 1024
        )
    }

    /// Records were taken from the queue; `true`: remind now.
    ///
    /// - Parameters:
    ///   - queued: how many were in the queue before.
    ///   - taken: how many of them were taken.
    ///   - takenBytes: how many bytes these have.
    mutating func took(_ taken: Int, of queued: Int, bytes takenBytes: Int) -> Bool {
        records += taken
        bytes += takenBytes
        let bytesEach = Double(takenBytes) / Double(max(1, taken))
        // The bytes still queued are estimated from those taken: a reminder that is early costs little.
        if fullness(queued, bytesEach) >= 0.75 { wasFull = true }
        guard wasFull, fullness(queued - taken, bytesEach) < 0.5 else { return false }
        reminded()
        return true
    }

    /// How much of the queue `count` records fill: 1 is all of it.
    private func fullness(_ count: Int, _ bytesEach: Double) -> Double {
        max(Double(count) / Double(recordsMax), Double(count) * bytesEach / Double(bytesMax))
    }

    /// The queue is empty; `true`: remind now.
    mutating func ranDry() -> Bool {
        guard records * 4 >= recordsMax || bytes * 4 >= bytesMax else { return false }
        reminded()
        return true
    }

    private mutating func reminded() {
        wasFull = false
        records = 0
        bytes = 0
    }
}

/// Wakes librdkafka's threads that fetch, see `FetchPacer`.
///
/// librdkafka has no call for that. A request for the end offsets of the partitions passes through the threads of their
/// leaders, which check their queues again then. From librdkafka 2.2 on `fetch.queue.backoff.ms` does it.
final class FetchReminder: Sendable {
    private let handle: ClientHandle
    /// Requests block a thread of their own, so that they and commits do not delay each other.
    private let queue = DispatchQueue(label: "hera.kafka-client.fetch")
    private enum State {
        case idle
        case underWay
        /// Another one is due: the one under way woke the threads before the queue was full again.
        case underWayAndDue(Set<TopicPartition>)
    }
    private let state = Mutex(State.idle)

    init(_ handle: ClientHandle) {
        self.handle = handle
    }

    /// Whether this librdkafka needs reminders.
    static let isNeeded = rd_kafka_version() < 0x0202_0000

    /// Makes the leaders' threads look whether there is room, one reminder at a time.
    func remind(_ partitions: Set<TopicPartition>) {
        guard !partitions.isEmpty else { return }
        let isFirst = state.withLock { state -> Bool in
            guard case .idle = state else {
                state = .underWayAndDue(partitions)
                return false
            }
            state = .underWay
            return true
        }
        if isFirst { queue.async { [self] in ask(partitions) } }
    }

    private func ask(_ partitions: Set<TopicPartition>) {
        let timestamp = OffsetQuery.latest.timestamp
        let list = TopicPartitionList(Dictionary(partitions.map { ($0, timestamp) }) { first, _ in first })
        // The answer is not needed; where none comes, fetching reports its own error.
        _ = rd_kafka_offsets_for_times(handle.client, list.list, Limits.reminderTimeoutMilliseconds)
        let due = state.withLock { state -> Set<TopicPartition>? in
            guard case .underWayAndDue(let due) = state else {
                state = .idle
                return nil
            }
            state = .underWay
            return due
        }
        if let due { queue.async { [self] in ask(due) } }
    }
}
