import Checksums
import KafkaProtocol
import NIOCore
import SystemPackage

/// The state of a partition's producers at one offset, in a file `%020d.snapshot` named by that offset.
///
///      0 uint32 magic, 0x48505331 ("HPS1")
///      4 uint32 CRC-32C of all that follows
///      8 int64  offset: every batch before it is accounted for
///     16 uint32 number of producers, then each:
///               int64 id, int16 epoch, int64 time of its last append (ms), uint8 number of batches, then each:
///               int32 base sequence, int32 last sequence, int64 base offset, int64 last offset
///
/// Big-endian. Written when a segment is sealed and when the log is closed, so that recovery needs not read the whole
/// log. It is not forced to the device: one that a power cut damaged fails its CRC, and an older one, or the log
/// itself, takes its place.
struct ProducerSnapshot: Hashable, Sendable {
    static let fileExtension = "snapshot"
    private static let magic: UInt32 = 0x4850_5331
    private static let checksummedFrom = 8

    let offset: Int64
    let producers: [Int64: ProducerState]

    init(offset: Int64, producers: [Int64: ProducerState]) {
        self.offset = offset
        self.producers = producers
    }

    var bytes: ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(offset)
        body.writeInteger(UInt32(producers.count))
        for (id, state) in producers.sorted(by: { $0.key < $1.key }) {
            body.writeMultipleIntegers(id, state.epoch, state.lastAppendMilliseconds, UInt8(state.batches.count))
            for batch in state.batches {
                body.writeMultipleIntegers(batch.baseSequence, batch.lastSequence, batch.baseOffset, batch.lastOffset)
            }
        }
        var whole = ByteBuffer()
        whole.writeMultipleIntegers(Self.magic, CRC32C.checksum(of: body.readableBytesSpan))
        whole.writeImmutableBuffer(body)
        return whole
    }

    /// The snapshot in `bytes`; `nil` where they are none.
    init?(_ bytes: ByteBuffer) {
        var buffer = bytes
        guard let (magic, checksum) = buffer.readMultipleIntegers(as: (UInt32, UInt32).self), magic == Self.magic,
            CRC32C.checksum(of: buffer.readableBytesSpan) == checksum,
            let (offset, count) = buffer.readMultipleIntegers(as: (Int64, UInt32).self)
        else { return nil }
        var producers: [Int64: ProducerState] = [:]
        for _ in 0..<count {
            guard let (id, state) = Self.readProducer(from: &buffer) else { return nil }
            producers[id] = state
        }
        guard buffer.readableBytes == 0 else { return nil }
        self.init(offset: offset, producers: producers)
    }

    private static func readProducer(from buffer: inout ByteBuffer) -> (Int64, ProducerState)? {
        guard let (id, epoch, time, count) = buffer.readMultipleIntegers(as: (Int64, Int16, Int64, UInt8).self),
            count > 0, count <= LogLimits.producerBatchesMax
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
        return (id, ProducerState(epoch: epoch, batches: batches, lastAppendMilliseconds: time))
    }

    // MARK: Files

    func save(in directory: FilePath, calls: DiskCalls) throws(LogError) {
        let path = directory.appending(LogFileName(offset, Self.fileExtension).text)
        try Disk.replace(path, with: bytes, durably: false, calls: calls)
    }

    /// The newest snapshot in `directory` that is whole and not of an offset behind `offset`.
    static func newest(in directory: FilePath, notBehind offset: Int64) throws(LogError) -> ProducerSnapshot? {
        for name in try names(in: directory).reversed() where name.offset <= offset {
            guard let bytes = try Disk.contents(of: directory.appending(name.text)) else { continue }
            if let snapshot = ProducerSnapshot(bytes), snapshot.offset == name.offset { return snapshot }
        }
        return nil
    }

    /// Removes all snapshots but the newest few, and those of offsets behind `offset`, which recovery cut off.
    static func prune(in directory: FilePath, behind offset: Int64) throws(LogError) {
        let names = try names(in: directory)
        let kept = names.filter { $0.offset <= offset }.suffix(LogLimits.producerSnapshotsKept)
        for name in names where !kept.contains(name) { try Disk.remove(directory.appending(name.text)) }
    }

    private static func names(in directory: FilePath) throws(LogError) -> [LogFileName] {
        try Disk.names(in: directory).compactMap { LogFileName($0) }.filter { $0.fileExtension == fileExtension }
    }
}
