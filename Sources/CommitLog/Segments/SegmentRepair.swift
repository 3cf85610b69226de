import Files
import KafkaProtocol
import NIOCore
package import SystemPackage

/// A place in a log that was damaged, and what was done about it.
package struct LogDamage: Hashable, Sendable, CustomStringConvertible {
    /// The file, and where in it.
    package let path: FilePath
    package let bytes: Range<Int>
    /// What is wrong there.
    package let reason: String
    /// Where the damaged bytes are now; `nil` where they were zeros, or where nothing of value was lost.
    package let setAside: FilePath?

    package var description: String {
        let kept = setAside.map { "; they are kept in \($0)" } ?? ""
        return "\(path), bytes \(bytes.lowerBound)..<\(bytes.upperBound): \(reason)\(kept)"
    }
}

/// Writes a damaged segment anew: its whole batches, and gap batches in the place of offsets that are lost.
struct SegmentRepair {
    static let damagedExtension = LogSegment.logExtension + ".damaged"

    let directory: FilePath
    let baseOffset: Int64
    let path: FilePath
    let disk: Disk

    /// Sets the damaged bytes of the file aside, durably, and puts a file without them in its place.
    ///
    /// - Returns: what was damaged, and the offsets that no record has any more.
    func run(_ scan: SegmentScan) throws(FileError) -> (damages: [LogDamage], gaps: [Range<Int64>]) {
        let source = try disk.open(path)
        var damages: [LogDamage] = []
        for piece in scan.pieces {
            switch piece {
            case .batches: break
            case .misnumbered(let bytes, let offset):
                let reason = "the beginning of the batch with offset \(offset) was damaged; it is whole again"
                damages.append(LogDamage(path: path, bytes: bytes, reason: reason, setAside: nil))
            case .damage(let bytes, let reason):
                damages.append(
                    LogDamage(path: path, bytes: bytes, reason: reason, setAside: try setAside(bytes, of: source))
                )
            }
        }
        if damages.contains(where: { $0.setAside != nil }) { try disk.synchronizeDirectory(directory) }
        return (damages, try rewrite(scan, from: source))
    }

    private func setAside(_ bytes: Range<Int>, of source: OpenFile) throws(FileError) -> FilePath? {
        guard try !isZero(bytes, of: source) else { return nil }
        let name = LogFileName(baseOffset, "\(Self.damagedExtension)-\(bytes.lowerBound)").text
        let target = disk.freeName(directory.appending(name).string)
        let file = try disk.open(target, .writeOnly, options: [.create, .exclusiveCreate])
        var position = 0
        try copy(bytes, of: source, to: file, at: &position)
        try file.synchronize()
        return target
    }

    private func isZero(_ bytes: Range<Int>, of source: OpenFile) throws(FileError) -> Bool {
        for start in stride(from: bytes.lowerBound, to: bytes.upperBound, by: LogLimits.recoveryReadBytes) {
            let count = min(LogLimits.recoveryReadBytes, bytes.upperBound - start)
            if try source.bytes(at: start, count: count).contains(where: { $0 != 0 }) { return false }
        }
        return true
    }

    /// - Returns: the offsets that gap batches stand for.
    private func rewrite(_ scan: SegmentScan, from source: OpenFile) throws(FileError) -> [Range<Int64>] {
        let temporary = FilePath(path.string + "." + Disk.temporaryExtension)
        let target = try disk.open(temporary, .writeOnly, options: [.create, .truncate])
        var gaps: [Range<Int64>] = []
        var position = 0
        var next = baseOffset
        func close(_ gap: Range<Int64>) throws(FileError) {
            let batch = GapBatch.bytes(gap)
            try target.write(batch.readableBytesSpan, at: position)
            position += batch.readableBytes
            gaps.append(gap)
        }
        for piece in scan.pieces {
            switch piece {
            case .damage: break
            case .batches(let bytes, let offsets):
                if offsets.lowerBound > next { try close(next..<offsets.lowerBound) }
                try copy(bytes, of: source, to: target, at: &position)
                next = offsets.upperBound
            case .misnumbered(let bytes, let offset):
                if offset > next { try close(next..<offset) }
                next = try copyBatch(bytes, as: offset, of: source, to: target, at: &position)
            }
        }
        try target.synchronize()
        try disk.rename(temporary, to: path)
        try disk.synchronizeDirectory(directory)
        return gaps
    }

    private func copyBatch(
        _ bytes: Range<Int>,
        as offset: Int64,
        of source: OpenFile,
        to target: OpenFile,
        at position: inout Int
    ) throws(FileError) -> Int64 {
        var batch = ByteBuffer()
        try source.read(bytes.count, at: bytes.lowerBound, into: &batch)
        batch.setInteger(offset, at: 0)
        batch.setInteger(Int32(bytes.count - RecordBatchHeader.prefixByteCount), at: 8)
        batch.setInteger(LogState.leaderEpoch, at: 12)
        batch.setInteger(Int8(2), at: 16)
        try target.write(batch.readableBytesSpan, at: position)
        position += bytes.count
        let delta = batch.getInteger(at: 23, as: Int32.self) ?? 0
        return offset + Int64(delta) + 1
    }

    private func copy(
        _ bytes: Range<Int>,
        of source: OpenFile,
        to target: OpenFile,
        at position: inout Int
    ) throws(FileError) {
        for start in stride(from: bytes.lowerBound, to: bytes.upperBound, by: LogLimits.recoveryReadBytes) {
            let count = min(LogLimits.recoveryReadBytes, bytes.upperBound - start)
            let part = try source.bytes(at: start, count: count)
            try target.write(part.span.bytes, at: position)
            position += part.count
        }
    }
}
