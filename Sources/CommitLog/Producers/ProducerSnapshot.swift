import Checksums
import Files
import KafkaProtocol
import NIOCore
import SystemPackage

/// The state of a partition's producers at one offset, in a file `%020d.snapshot` named by that offset.
///
///     int64  offset: every batch before it is accounted for
///     uint32 number of producers, then each:
///            int64 id, int16 epoch, int64 time of its last append (ms), uint8 1 where a batch of it may be lost,
///            uint8 number of batches, then each:
///            int32 base sequence, int32 last sequence, int64 base offset, int64 last offset
///
/// Big-endian; the payload of a `StateFile` of the kind `producers`. Format 1 had "HPS1" and the CRC-32C of the rest in
/// front, and no byte for losses. Written when a segment is sealed, when the log is closed and for a `RecoveryPoint`, so that recovery
/// needs not read the whole log. Only that of a point is forced to the device: one that a power cut damaged fails its CRC,
/// and an older one, or the log itself, takes its place.
struct ProducerSnapshot: Hashable, Sendable {
    static let fileExtension = "snapshot"
    private static let firstFormatMagic: UInt32 = 0x4850_5331

    let offset: Int64
    let producers: [Int64: ProducerState]

    init(offset: Int64, producers: [Int64: ProducerState]) {
        self.offset = offset
        self.producers = producers
    }

    private var payload: ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(offset)
        body.writeInteger(UInt32(producers.count))
        for (id, state) in producers.sorted(by: { $0.key < $1.key }) {
            body.writeMultipleIntegers(id, state.epoch, state.lastAppendMilliseconds)
            body.writeMultipleIntegers(UInt8(state.mayMissBatches ? 1 : 0), UInt8(state.batches.count))
            for batch in state.batches {
                body.writeMultipleIntegers(batch.baseSequence, batch.lastSequence, batch.baseOffset, batch.lastOffset)
            }
        }
        return body
    }

    private init?(ofFirstFormat bytes: ByteBuffer) {
        var buffer = bytes
        guard let (magic, checksum) = buffer.readMultipleIntegers(as: (UInt32, UInt32).self),
            magic == Self.firstFormatMagic, CRC32C.checksum(of: buffer.readableBytesSpan) == checksum
        else { return nil }
        self.init(payload: buffer, hasLossByte: false)
    }

    private init?(payload: ByteBuffer, hasLossByte: Bool = true) {
        var buffer = payload
        guard let (offset, count) = buffer.readMultipleIntegers(as: (Int64, UInt32).self) else { return nil }
        var producers: [Int64: ProducerState] = [:]
        for _ in 0..<count {
            guard let (id, state) = Self.readProducer(from: &buffer, hasLossByte) else { return nil }
            producers[id] = state
        }
        guard buffer.readableBytes == 0 else { return nil }
        self.init(offset: offset, producers: producers)
    }

    private static func readProducer(
        from buffer: inout ByteBuffer,
        _ hasLossByte: Bool
    ) -> (Int64, ProducerState)? {
        guard let (id, epoch, time) = buffer.readMultipleIntegers(as: (Int64, Int16, Int64).self),
            let loss = hasLossByte ? buffer.readInteger(as: UInt8.self) : 0,
            let count = buffer.readInteger(as: UInt8.self), count > 0, count <= LogLimits.producerBatchesMax
        else { return nil }
        var batches: [ProducerBatch] = []
        for _ in 0..<count {
            guard let fields = buffer.readMultipleIntegers(as: (Int32, Int32, Int64, Int64).self) else { return nil }
            batches.append(
                ProducerBatch(
                    baseSequence: fields.0,
                    lastSequence: fields.1,
                    baseOffset: fields.2,
                    lastOffset: fields.3
                )
            )
        }
        var state = ProducerState(epoch: epoch, batches: batches, lastAppendMilliseconds: time)
        state.mayMissBatches = loss != 0
        return (id, state)
    }

    // MARK: Files

    private static func file(_ name: LogFileName, in directory: FilePath, _ disk: Disk) -> StateFile {
        StateFile(
            directory.appending(name.text),
            kind: "producers",
            version: 2,
            cure: "Remove it: an older one and the log take its place",
            disk: disk
        )
    }

    func save(in directory: FilePath, durably: Bool = false, disk: Disk) throws(FileError) {
        let name = LogFileName(offset, Self.fileExtension)
        try Self.file(name, in: directory, disk).write(Array(payload.readableBytesView), durably: durably)
    }

    /// The newest snapshot among the files `names` of `directory` that is whole and not of an offset after `offset`.
    ///
    /// - Throws: ``FileError/Code/unknownFormat`` where a newer program wrote one.
    static func newest(
        among names: [String],
        in directory: FilePath,
        notAfter offset: Int64,
        disk: Disk
    ) throws(FileError) -> ProducerSnapshot? {
        for name in snapshots(among: names).reversed() where name.offset <= offset {
            do throws(FileError) {
                let snapshot: ProducerSnapshot? =
                    switch try file(name, in: directory, disk).read() {
                    case .absent: nil
                    case .payload(let bytes, _): ProducerSnapshot(payload: ByteBuffer(bytes: bytes))
                    case .headerless(let bytes): ProducerSnapshot(ofFirstFormat: ByteBuffer(bytes: bytes))
                    }
                if let snapshot, snapshot.offset == name.offset { return snapshot }
            } catch {
                guard error.code == .damaged else { throw error }
            }
        }
        return nil
    }

    /// Removes all snapshots but the newest few.
    static func prune(in directory: FilePath, disk: Disk) throws(FileError) {
        for name in snapshots(among: try disk.names(in: directory)).dropLast(LogLimits.producerSnapshotsKept) {
            try disk.remove(directory.appending(name.text))
        }
    }

    /// Removes those among the files `names` that are snapshots of offsets after the end of the log, which lost that end: the
    /// records that they tell of are gone.
    static func remove(
        after offset: Int64,
        among names: [String],
        in directory: FilePath,
        disk: Disk
    ) throws(FileError) {
        for name in snapshots(among: names) where name.offset > offset {
            try disk.remove(directory.appending(name.text))
        }
    }

    private static func snapshots(among names: [String]) -> [LogFileName] {
        names.compactMap { LogFileName($0) }.filter { $0.fileExtension == fileExtension }
    }
}
