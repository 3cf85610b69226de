import KafkaTopics
import Synchronization

/// Which dead letters this process has written, so that a batch that is tried again does not write its letters again.
///
/// Shared by all runners of a connector in this process. Across a crash letters may repeat; their headers tell.
package final class WrittenLetters: Sendable {
    /// The greatest number of offsets that are remembered one by one: those of one request to the queue.
    static let offsetsMax = DeadLetterWriter.recordsInFlightMax

    private struct Partition {
        /// All letters below this offset are written.
        var next: Int64 = .min
        /// Letters above it that are written as well.
        var beyond: Set<Int64> = []
    }

    private let partitions = Mutex<[TopicPartition: Partition]>([:])

    package init() {}

    /// Those of `letters`, in the order of their offsets, that are not written yet.
    func missing(of letters: [DeadLetter]) -> [DeadLetter] {
        partitions.withLock { partitions in
            letters.filter { letter in
                guard let written = partitions[letter.partition] else { return true }
                return letter.offset >= written.next && !written.beyond.contains(letter.offset)
            }
        }.sorted { $0.offset < $1.offset }
    }

    /// All of `letters`, which rise, are written, and so are those before them.
    func wrote(all letters: some Collection<DeadLetter>) {
        guard let last = letters.reversed().first else { return }
        partitions.withLock { $0[last.partition] = Partition(next: last.offset + 1) }
    }

    /// Some of the letters of one request are written.
    func wrote(some letters: [DeadLetter]) {
        partitions.withLock { partitions in
            for letter in letters.prefix(Self.offsetsMax) {
                partitions[letter.partition, default: Partition()].beyond.insert(letter.offset)
            }
        }
    }

    /// The partition has another log: its offsets mean other records.
    func forget(_ partition: TopicPartition) {
        partitions.withLock { $0[partition] = nil }
    }
}
