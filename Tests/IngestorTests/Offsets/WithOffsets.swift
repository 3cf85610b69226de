import CommitLog
import Files
import Foundation
import KafkaTopics
import SystemPackage

@testable import Ingestor

/// Opens the committed offsets of a root, and gives them up afterwards as a killed program does.
///
/// - Parameter boot: Identifies the boot of the machine, which has clocks that stand still then; `nil` for the system's.
func withOffsets<Outcome>(
    in root: FilePath,
    calls: DiskCalls = .system,
    boot: String? = "a",
    _ body: (OffsetStore, OffsetRecovery, LogManager) throws -> Outcome
) throws -> Outcome {
    let readings = boot.map { boot in
        LogClock.Readings(bootID: { boot }, sinceBoot: { 20_000_000 }, timeOfDay: { timeOfDay })
    }
    let (manager, _) = try LogManager.open(
        root: root,
        defaults: LogConfiguration(),
        readings: readings ?? .system,
        calls: calls
    )
    let (store, recovery) = try OffsetStore.open(in: manager, disk: Disk(calls: calls))
    return try body(store, recovery, manager)
}

/// The time of day, and of the log, in ``withOffsets(in:calls:boot:_:)``.
let timeOfDay: Int64 = 1_796_010_000_000

extension LogManager {
    /// The log of committed offsets.
    var offsets: PartitionLog {
        guard let log = log(for: TopicPartition(topic: OffsetStore.topic, partition: 0)) else {
            preconditionFailure("\(OffsetStore.topic) does not exist")
        }
        return log
    }
}

extension OffsetStore {
    /// Commits at the present time, so that no maintenance takes the group for one that was given up long ago.
    func commit(group: String, _ offsets: [TopicPartition: CommittedOffset]) throws(IngestorError) {
        try commit(group: group, offsets, at: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// Bytes in hexadecimal digits.
func bytes(hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}
