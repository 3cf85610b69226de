import Files
import KafkaProtocol
package import NIOCore
import Synchronization
package import SystemPackage

/// The log of one partition: record batches in the order of their offsets, in segments, in a directory of its own.
///
///     utenti-0/
///       00000000000000000000.log  .index  .timeindex     sealed segment
///       00000000000000065536.log                         active segment
///       00000000000000065536.snapshot                    producers at that offset (ProducerSnapshot)
///       00000000000000000000.log.damaged-4711            bytes that were damaged there: see SegmentRepair
///       checkpoint.json                                  PartitionCheckpoint
///
/// All calls are synchronous, may block on the device, and may come from any thread. Appending holds one lock while it
/// writes; flushing, retention and closing take turns by another one and hold the first only for moments, so that
/// neither readers nor appends wait for the device on their account.
package final class PartitionLog: Sendable {
    package let directory: FilePath
    let disk: Disk
    let reservations: OffsetReservations?
    let state: Mutex<LogState>
    /// See ``uncheckedBelow``.
    let unchecked = Atomic<Int64>(0)
    /// Held while files are forced to the device, segments deleted or the checkpoint written. Taken before `state`.
    let maintenance = Mutex(())

    init(_ state: LogState, _ reservations: OffsetReservations?) {
        directory = state.directory
        disk = state.disk
        self.reservations = reservations
        self.state = Mutex(state)
    }

    /// The offset of the oldest record that is kept.
    package var logStartOffset: Int64 { state.withLock { $0.logStartOffset } }
    /// The offset that the next record will get. There is one node, so it is the high watermark too.
    package var endOffset: Int64 { state.withLock { $0.endOffset } }
    /// All records before it are on the device.
    package var flushedOffset: Int64 { state.withLock { $0.flushedOffset } }
    /// The bytes of all batches that are kept.
    package var byteCount: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.size } } }
    /// The number of segments, the active one included.
    package var segmentCount: Int { state.withLock { $0.segments.count } }
    /// The largest id of the idempotent producers that the log remembers; `nil` where it remembers none.
    package var largestProducerID: Int64? { state.withLock { $0.producers.producers.keys.max() } }
    /// How the log is kept.
    package var configuration: LogConfiguration { state.withLock { $0.configuration } }

    /// Appends one batch in Kafka's format 2, as a producer sent it.
    ///
    /// Its base offset and leader epoch are given by the log, its other bytes are kept as they are. When this returns,
    /// readers see the batch; with ``FlushPolicy/always`` it is on the device too.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    /// - Throws: ``LogError``, with nothing appended: `corruptBatch`, `unsupportedFormat`, `invalidRecord`,
    ///   `messageTooLarge`, `outOfOrderSequence`, `invalidProducerEpoch`, `storageFull`, `storageFailed`, `closed`. One
    ///   exception: where forcing the batch to the device failed (`storageFailed`), it is in the log and readers see it;
    ///   whether it is there after a restart is open.
    package func append(batch: ByteBuffer, now: Int64) throws(LogError) -> AppendOutcome {
        let header = try BatchCheck.header(of: batch)
        if let codec = header.attributes.codec, codec != .none {
            // Decompressing takes long, so first what would make it needless, and then without the lock.
            let (known, messageBytesMax) = try state.withLock { state throws(LogError) in
                (try state.duplicate(of: header), state.configuration.messageBytesMax)
            }
            if let known { return known }
            try BatchCheck.checkCompressedRecords(batch, header, codec, messageBytesMax: messageBytesMax)
        }
        while true {
            let (outcome, policy) = try state.withLock { state throws(LogError) in
                (try state.append(batch, header, now: now), state.configuration.flushPolicy)
            }
            guard let outcome else {
                try reserve(for: Int64(header.lastOffsetDelta) + 1)
                continue
            }
            if policy == .always { try flush(through: outcome.lastOffset + 1) }
            return outcome
        }
    }

    // MARK: Offsets ahead

    /// The bound below which offsets may be given.
    package var reservedOffset: Int64 { state.withLock { $0.reservedOffset } }

    /// Where the bound should be now; `nil` while more than half of what is reserved is left.
    var reservationDue: Int64? {
        state.withLock { state in
            let left = state.reservedOffset - state.endOffset
            if state.isClosed || left > LogLimits.offsetsReserved / 2 { return nil }
            return state.endOffset + LogLimits.offsetsReserved
        }
    }

    /// Raises the bound by the whole reserve, for an append that does not fit: maintenance as a rule came before.
    private func reserve(for count: Int64) throws(LogError) {
        let bound = endOffset + count + LogLimits.offsetsReserved
        do throws(FileError) {
            try reservations?.raise([directory.lastComponent?.string ?? "": bound])
        } catch {
            throw LogError(error)
        }
        try reserve(through: bound)
    }

    /// Raises the bound, which ``OffsetReservations`` has noted, in the partition's own checkpoint and then for appends.
    func reserve(through bound: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            try saveCheckpoint(reservedOffset: bound)
            state.withLock { $0.reservedOffset = max($0.reservedOffset, bound) }
        }
    }
}
