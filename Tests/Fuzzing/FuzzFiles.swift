import Checksums
import Files
import Glibc
import KafkaProtocol
import NIOCore
import SystemPackage

@testable import CommitLog

/// The files of the log that may be damaged when they are read, for ``FuzzedDecoder``. Each input becomes a file in a directory in
/// memory and is opened as the log opens it.
///
/// A crash is a fault; so is a segment that is not whole after its repair, an index that leads a reader to another batch than the one
/// that it asked for, and a state file that is read differently after it was written.
enum FuzzedFile {
    private static let disk: Disk = {
        var calls = DiskCalls.system
        calls.synchronize = { _ in }
        return Disk(calls: calls)
    }()

    private static let directory: FilePath = {
        let path = FilePath("/dev/shm/hera-fuzz-\(getpid())")
        atexit { try? FuzzedFile.disk.removeTree(FuzzedFile.directory) }
        return path
    }()

    /// What a step must not throw where its files are as the log makes them.
    private static func must<Result>(_ body: () throws -> Result) -> Result {
        do { return try body() } catch { preconditionFailure("\(error)") }
    }

    private static func empty() {
        must {
            try disk.removeTree(directory)
            try disk.makeDirectory(directory)
        }
    }

    private static func write(_ bytes: some Sequence<UInt8>, _ name: String) {
        must { try disk.replace(directory.appending(name), with: Array(bytes), durably: false) }
    }

    private static func name(_ offset: Int64, _ fileExtension: String) -> String {
        LogFileName(offset, fileExtension).text
    }

    // MARK: Segments

    /// The bytes of a segment: uint8 whether the CRCs of what looks like batches are made right, then the file.
    static func segment(_ input: inout ByteBuffer) {
        guard let way = input.readInteger(as: UInt8.self) else { return }
        var bytes = Array(input.readableBytesView)
        if way & 1 == 1 { rightChecksums(&bytes) }
        empty()
        write(bytes, name(0, "log"))
        let path = directory.appending(name(0, "log"))
        let scan = self.scan(path)
        if !scan.isWhole {
            let repair = SegmentRepair(directory: directory, baseOffset: 0, path: path, disk: disk)
            _ = must { try repair.run(scan) }
        } else if scan.isTorn {
            write(bytes[..<scan.end], name(0, "log"))
        }
        let again = self.scan(path)
        precondition(again.isWhole && !again.isTorn, "a segment is not whole after its repair")
        precondition(again.nextOffset == scan.nextOffset, "a segment ends at another offset after its repair")
        var segment = must { try LogSegment.sealed(in: directory, baseOffset: 0, disk: disk).0 }
        let end = must { try segment.rebuild(to: again.end, indexIntervalBytes: 64) }
        precondition(end == again.nextOffset, "the indexes of a segment end elsewhere than its batches")
    }

    private static func scan(_ path: FilePath) -> SegmentScan {
        must {
            try SegmentScan(
                disk.open(path),
                baseOffset: 0,
                limit: 1 << 40,
                isLast: true,
                epochMin: 0,
                epochMax: 1 << 20
            )
        }
    }

    private static func rightChecksums(_ bytes: inout [UInt8]) {
        var place = 0
        while place + RecordBatchHeader.byteCount <= bytes.count {
            let batch = ByteBuffer(bytes: bytes[place...])
            guard let length = batch.getInteger(at: 8, as: Int32.self),
                length >= RecordBatchHeader.byteCount - RecordBatchHeader.prefixByteCount,
                place + RecordBatchHeader.prefixByteCount + Int(length) <= bytes.count
            else { return }
            let end = place + RecordBatchHeader.prefixByteCount + Int(length)
            let body = Array(bytes[(place + RecordBatchHeader.checksummedFrom)..<end])
            let checksum = CRC32C.checksum(of: body.span.bytes)
            bytes[place + 16] = 2
            for index in 0..<4 { bytes[place + 17 + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
            place = end
        }
    }

    // MARK: Indexes

    /// Eight batches of three offsets each.
    private static let batches: [UInt8] = (0..<8).flatMap { number in
        Array(GapBatch.afterLoss(Int64(3 * number)..<Int64(3 * number + 3), leaderEpoch: 0).readableBytesView)
    }
    private static let batchEnd: Int64 = 24

    /// The indexes of a sealed segment: uint8 how many bytes are the index of offsets; the rest is that of times.
    static func indexes(_ input: inout ByteBuffer) {
        guard let count = input.readInteger(as: UInt8.self) else { return }
        let bytes = Array(input.readableBytesView)
        empty()
        write(batches, name(0, "log"))
        write([], name(batchEnd, "log"))
        write(bytes.prefix(Int(count)), name(0, "index"))
        write(bytes.dropFirst(Int(count)), name(0, "timeindex"))
        must {
            let checkpoint = PartitionCheckpoint(logStartOffset: 0, recoveryOffset: batchEnd)
            try checkpoint.save(in: directory, disk: disk)
        }
        let log = open()
        for offset in 0..<batchEnd {
            let slice = must { try log.read(from: offset, maxBytes: 1) }
            precondition(slice?.baseOffset == offset / 3 * 3, "an index leads from \(offset) to another batch")
        }
        _ = try? log.offset(forTimestamp: 0)
    }

    private static func open() -> PartitionLog {
        must {
            try PartitionLog.open(directory: directory, configuration: LogConfiguration(), now: 1, calls: disk.calls)
                .log
        }
    }

    // MARK: State files

    /// The JSON of a checkpoint, with leader epochs and a recovery point in it.
    static func checkpoint(_ input: ByteBuffer) {
        empty()
        write(state("checkpoint", input), PartitionCheckpoint.fileName)
        let path = directory.appending(PartitionCheckpoint.fileName)
        guard case .verified(let checkpoint) = must({ try PartitionCheckpoint.load(from: directory, disk: disk) })
        else { return }
        must { try checkpoint.save(in: directory, disk: disk) }
        guard case .verified(let again) = must({ try PartitionCheckpoint.load(from: directory, disk: disk) }) else {
            preconditionFailure("\(path) cannot be read after it was written")
        }
        precondition(again == checkpoint, "a checkpoint is another after it was written")
        // Closing a greater gap takes long.
        guard checkpoint.reachedOffset < 1 << 32, checkpoint.reservedOffset ?? 0 < 1 << 32 else { return }
        write(batches, name(0, "log"))
        write([], name(0, "index"))
        write([], name(0, "timeindex"))
        let log = open()
        precondition(log.logStartOffset <= log.endOffset, "a log begins behind its end")
        precondition(log.endOffset >= checkpoint.reachedOffset, "a log gives offsets again")
    }

    /// The payload of a snapshot of producers, whose offset is made that of its name.
    static func producers(_ input: ByteBuffer) {
        var payload = input
        guard payload.readableBytes >= 8 else { return }
        payload.setInteger(batchEnd, at: payload.readerIndex)
        empty()
        let name = name(batchEnd, ProducerSnapshot.fileExtension)
        write(state("producers", payload), name)
        let found = must { try ProducerSnapshot.newest(among: [name], in: directory, notAfter: .max, disk: disk) }
        guard let found else { return }
        must { try found.save(in: directory, disk: disk) }
        let again = must { try ProducerSnapshot.newest(among: [name], in: directory, notAfter: .max, disk: disk) }
        precondition(again == found, "a snapshot is another after it was written")
        write(batches, self.name(0, "log"))
        precondition(open().endOffset >= batchEnd)
    }

    /// The JSON of the list of topics, with their settings.
    static func topics(_ input: ByteBuffer) {
        empty()
        write(state("topics", input), TopicList.fileName)
        guard let (list, _) = try? TopicList.load(from: directory, disk: disk) else { return }
        for topic in list.topics.values {
            precondition(topic.partitions.count == Int(topic.partitionCount))
            _ = try? LogConfiguration().applying(topic.overrides)
        }
        must { try list.save(in: directory, disk: disk) }
        precondition(
            must { try TopicList.load(from: directory, disk: disk).list } == list,
            "topics are others after they were written"
        )
    }

    /// The JSON of the reserved offsets.
    static func reservations(_ input: ByteBuffer) {
        empty()
        write(state("reserved-offsets", input), OffsetReservations.fileName)
        let read = must { try OffsetReservations(root: directory, boot: "b", isFirst: false, disk: disk) }
        must {
            try read.raise(["a-0": 5])
            try read.noteStarts(["a-0": 4])
            try read.begin(["a-1": 7])
        }
        let again = must { try OffsetReservations(root: directory, boot: "b", isFirst: false, disk: disk) }
        precondition(again.setAside == nil && again.bound(of: "a-1") == 7 && again.startOffset(of: "a-0") >= 4)
    }

    /// A state file as it is: its header is the input's.
    static func stateFile(_ input: ByteBuffer) {
        empty()
        write(input.readableBytesView, "state")
        let file = StateFile(directory.appending("state"), kind: "topics", version: 2, cure: "", disk: disk)
        guard case .payload(let bytes, _)? = try? file.read() else { return }
        must { try file.write(bytes, durably: false) }
        precondition(
            must { try file.read() } == .payload(bytes, version: 2),
            "a state file is another after it was written"
        )
    }

    /// A state file with this payload and the right checksum.
    private static func state(_ kind: String, _ payload: ByteBuffer) -> [UInt8] {
        let payload = Array(payload.readableBytesView)
        var checksum = CRC32C()
        checksum.update(Array("\(kind) 2\n".utf8))
        checksum.update(payload)
        return Array(#"{"crc32c":"\#(checksum.digits)","kind":"\#(kind)","version":2}"#.utf8) + [UInt8(ascii: "\n")]
            + payload
    }
}
