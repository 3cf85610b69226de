internal import CLZ4
internal import CSnappy
internal import CZlib
internal import CZstd
import Glibc
import Synchronization

/// Decompresses the records of a batch piece by piece, so that memory depends on a window and not on their size.
///
///     gzip     one member (RFC 1952)
///     snappy   one raw block, or the blocks of snappy-java ("xerial"): the magic `82 53 4E 41 50 50 59 00`, int32
///              version, int32 least compatible version, then for each block int32 length and a raw block
///     lz4      one frame
///     zstd     one frame without a dictionary
///
/// Nothing may follow the stream. Consumers use the same libraries, so both accept the same.
///
/// Two things need their whole output in memory: a raw snappy block, and a zstd frame whose window is larger than
/// ``windowBytesMax``. They have a bound of their own, and take turns.
package final class RecordDecompressor: @unchecked Sendable {  // One caller at a time has it; see `decompress`.
    /// The largest window of a zstd frame that is decompressed piece by piece. That of level 3, the default, is 2 MiB.
    package static let windowBytesMax = 1 << windowLogMax
    private static let windowLogMax = 22
    /// The largest window that Kafka's own clients accept.
    private static let acceptedWindowLogMax = 27
    private static let pieceBytes = 256 << 10
    /// Decompressors kept for reuse; more are made where more threads decompress at a time.
    private static let idleMax = 2
    private static let idle = Mutex<[RecordDecompressor]>([])
    /// Held while a stream is decompressed as a whole.
    private static let whole = Mutex(())

    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
    private var zlib: UnsafeMutablePointer<z_stream>?
    private var zstd: OpaquePointer?
    private var lz4: OpaquePointer?

    private init() {}

    deinit {
        piece.deallocate()
        if let zlib {
            inflateEnd(zlib)
            zlib.deallocate()
        }
        ZSTD_freeDCtx(zstd)
        LZ4F_freeDecompressionContext(lz4)
    }

    /// Memory bounds of decompression.
    package struct Bounds: Sendable {
        /// Decompressed bytes of one batch.
        package var bytesMax: Int
        /// The same where all of them are needed at a time.
        package var wholeBytesMax: Int

        package init(bytesMax: Int, wholeBytesMax: Int) {
            self.bytesMax = bytesMax
            self.wholeBytesMax = wholeBytesMax
        }
    }

    /// Decompresses `records`, those of a batch with this codec.
    ///
    /// - Parameter body: gets one piece after the other; where it returns `false` the rest is left out.
    package static func decompress(
        _ records: RawSpan,
        _ codec: CompressionCodec,
        _ bounds: Bounds,
        _ body: (RawSpan) -> Bool
    ) throws(DecompressionError) {
        let decompressor = idle.withLock { $0.popLast() } ?? RecordDecompressor()
        defer {
            idle.withLock { idle in
                if idle.count < idleMax { idle.append(decompressor) }
            }
        }
        try records.withUnsafeBytes { input throws(DecompressionError) in
            var run = Run(input: input, codec: codec, bounds: bounds)
            try decompressor.run(&run, body)
        }
    }

    /// A stream that is being decompressed: bytes consumed and produced so far.
    private struct Run {
        let input: UnsafeRawBufferPointer
        let codec: CompressionCodec
        let bounds: Bounds
        var consumed = 0
        var produced = 0

        init(input: UnsafeRawBufferPointer, codec: CompressionCodec, bounds: Bounds) {
            self.input = input
            self.codec = codec
            self.bounds = bounds
        }

        var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: input[consumed...]) }

        func malformed(_ reason: String) -> DecompressionError { .malformed(codec, reason) }

        func requireEnd() throws(DecompressionError) {
            guard consumed == input.count else { throw malformed("\(input.count - consumed) bytes follow its end") }
        }

        /// Counts `count` bytes of output before they are used.
        mutating func produce(_ count: Int) throws(DecompressionError) {
            guard count <= bounds.bytesMax - produced else { throw .tooLarge(limit: bounds.bytesMax) }
            produced += count
        }
    }

    private func run(_ run: inout Run, _ body: (RawSpan) -> Bool) throws(DecompressionError) {
        switch run.codec {
        case .none: _ = body(run.input.bytes)
        case .gzip: try inflate(&run, body)
        case .snappy: try uncompressSnappy(&run, body)
        case .lz4: try decompressLZ4(&run, body)
        case .zstd: try decompressZstd(&run, body)
        }
    }

    /// Counts the first `count` bytes of the piece and hands them on.
    private func handOn(_ count: Int, _ run: inout Run, _ body: (RawSpan) -> Bool) throws(DecompressionError) -> Bool {
        try run.produce(count)
        return count == 0 || body(UnsafeRawBufferPointer(rebasing: piece[..<count]).bytes)
    }

    // MARK: gzip

    private func inflate(_ run: inout Run, _ body: (RawSpan) -> Bool) throws(DecompressionError) {
        let stream = inflater()
        // zlib reads through this pointer only. A batch is shorter than 2 GiB.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: run.input.assumingBytes)
        stream.pointee.avail_in = UInt32(run.input.count)
        while true {
            stream.pointee.next_out = piece.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(piece.count)
            let result = CZlib.inflate(stream, Z_NO_FLUSH)
            run.consumed = run.input.count - Int(stream.pointee.avail_in)
            let count = piece.count - Int(stream.pointee.avail_out)
            guard try handOn(count, &run, body) else { return }
            switch result {
            case Z_STREAM_END: return try run.requireEnd()
            case Z_OK where count > 0 || stream.pointee.avail_in > 0: continue
            case Z_OK, Z_BUF_ERROR: throw run.malformed("it ends too early")
            default: throw run.malformed(stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)")
            }
        }
    }

    private func inflater() -> UnsafeMutablePointer<z_stream> {
        if let zlib, inflateReset(zlib) == Z_OK { return zlib }
        let stream = zlib ?? .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The greatest window, and 16 for gzip's own frame alone.
        let result = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib cannot be set up: \(result)")
        zlib = stream
        return stream
    }

    // MARK: snappy

    private static let xerialMagic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]
    private static let xerialHeaderBytes = 16

    private func uncompressSnappy(_ run: inout Run, _ body: (RawSpan) -> Bool) throws(DecompressionError) {
        guard run.input.starts(with: Self.xerialMagic) else {
            _ = try uncompressBlock(run.input, &run, body)
            return
        }
        guard run.input.count >= Self.xerialHeaderBytes, run.input.bigEndian(at: 8) >= 1 else {
            throw run.malformed("its header is not one of snappy-java's version 1")
        }
        run.consumed = Self.xerialHeaderBytes
        while !run.rest.isEmpty {
            guard run.rest.count > 4 else { throw run.malformed("it ends within the length of a block") }
            let length = Int(run.rest.bigEndian(at: 0))
            guard length > 0, length <= run.rest.count - 4 else {
                throw run.malformed("a block has \(length) bytes where \(run.rest.count - 4) are left")
            }
            let block = UnsafeRawBufferPointer(rebasing: run.rest[4..<(4 + length)])
            run.consumed += 4 + length
            guard try uncompressBlock(block, &run, body) else { return }
        }
    }

    private func uncompressBlock(
        _ block: UnsafeRawBufferPointer,
        _ run: inout Run,
        _ body: (RawSpan) -> Bool
    ) throws(DecompressionError) -> Bool {
        let start = block.assumingMemoryBound(to: CChar.self).baseAddress
        var count = 0
        guard let start, snappy_uncompressed_length(start, block.count, &count) == SNAPPY_OK else {
            throw run.malformed("a block does not begin with its length")
        }
        guard count <= piece.count else {
            return try asWhole(count, &run, body) { output, run throws(DecompressionError) in
                try Self.uncompress(start, block.count, to: output, count, run)
                return count
            }
        }
        try Self.uncompress(start, block.count, to: piece, count, run)
        return try handOn(count, &run, body)
    }

    private static func uncompress(
        _ block: UnsafePointer<CChar>,
        _ blockBytes: Int,
        to output: UnsafeMutableRawBufferPointer,
        _ count: Int,
        _ run: Run
    ) throws(DecompressionError) {
        var written = output.count
        let result = snappy_uncompress(
            block,
            blockBytes,
            output.assumingMemoryBound(to: CChar.self).baseAddress,
            &written
        )
        guard result == SNAPPY_OK, written == count else { throw run.malformed("a block is damaged") }
    }

    // MARK: LZ4

    private func decompressLZ4(_ run: inout Run, _ body: (RawSpan) -> Bool) throws(DecompressionError) {
        if lz4 == nil { LZ4F_createDecompressionContext(&lz4, UInt32(LZ4F_VERSION)) }
        guard let lz4 else { preconditionFailure("no memory for a context of liblz4") }
        LZ4F_resetDecompressionContext(lz4)
        while true {
            var (read, written) = (run.rest.count, piece.count)
            let hint = LZ4F_decompress(lz4, piece.baseAddress, &written, run.rest.baseAddress, &read, nil)
            guard LZ4F_isError(hint) == 0 else {
                throw run.malformed(String(cString: LZ4F_getErrorName(hint)))
            }
            run.consumed += read
            guard try handOn(written, &run, body) else { return }
            if hint == 0 { return try run.requireEnd() }
            if read == 0, written == 0 { throw run.malformed("it ends too early") }
        }
    }

    // MARK: zstd

    private func decompressZstd(_ run: inout Run, _ body: (RawSpan) -> Bool) throws(DecompressionError) {
        if zstd == nil { zstd = ZSTD_createDCtx() }
        guard let zstd else { preconditionFailure("no memory for a context of libzstd") }
        ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only)
        ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, Int32(Self.windowLogMax))
        while true {
            var input = ZSTD_inBuffer(src: run.rest.baseAddress, size: run.rest.count, pos: 0)
            var output = ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
            let left = ZSTD_decompressStream(zstd, &output, &input)
            if ZSTD_isError(left) != 0 {
                let code = ZSTD_getErrorCode(left)
                if code == ZSTD_error_frameParameter_windowTooLarge, run.produced == 0 {
                    return try decompressZstdAsWhole(zstd, &run, body)
                }
                throw run.malformed(String(cString: ZSTD_getErrorString(code)))
            }
            run.consumed += input.pos
            guard try handOn(output.pos, &run, body) else { return }
            if left == 0 { return try run.requireEnd() }
            if input.pos == 0, output.pos == 0 { throw run.malformed("it ends too early") }
        }
    }

    private func decompressZstdAsWhole(
        _ zstd: OpaquePointer,
        _ run: inout Run,
        _ body: (RawSpan) -> Bool
    ) throws(DecompressionError) {
        // After the magic, bit 5 of the frame's descriptor means that there is no window; else its logarithm, less
        // 10, is in the upper five bits of the next byte.
        let input = run.input
        guard input.count >= 6, input[4] & 0x20 != 0 || 10 + Int(input[5] >> 3) <= Self.acceptedWindowLogMax else {
            throw run.malformed("its window is larger than 128 MiB")
        }
        let frameBytes = ZSTD_findFrameCompressedSize(input.baseAddress, input.count)
        guard ZSTD_isError(frameBytes) == 0 else { throw run.malformed("it ends too early") }
        run.consumed = frameBytes
        try run.requireEnd()
        ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only)
        let limit = min(run.bounds.wholeBytesMax, run.bounds.bytesMax)
        _ = try asWhole(limit, &run, body) { output, run throws(DecompressionError) in
            let count = ZSTD_decompressDCtx(zstd, output.baseAddress, output.count, input.baseAddress, input.count)
            guard ZSTD_isError(count) != 0 else { return count }
            let code = ZSTD_getErrorCode(count)
            if code == ZSTD_error_dstSize_tooSmall { throw .tooLarge(limit: limit) }
            throw run.malformed(String(cString: ZSTD_getErrorString(code)))
        }
    }

    // MARK: Whole streams

    /// Lets `fill` write up to `capacity` bytes of output and hands on as many as it says. The memory is the system's
    /// own: only written pages are used, and all are returned.
    private func asWhole(
        _ capacity: Int,
        _ run: inout Run,
        _ body: (RawSpan) -> Bool,
        _ fill: (UnsafeMutableRawBufferPointer, Run) throws(DecompressionError) -> Int
    ) throws(DecompressionError) -> Bool {
        let limit = min(run.bounds.wholeBytesMax, run.bounds.bytesMax - run.produced)
        guard capacity <= limit else { throw .tooLarge(limit: limit) }
        return try Self.whole.withLock { _ throws(DecompressionError) in
            let start = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let start, start != MAP_FAILED else { throw .tooLarge(limit: 0) }
            defer { munmap(start, capacity) }
            let count = try fill(UnsafeMutableRawBufferPointer(start: start, count: capacity), run)
            try run.produce(count)
            return body(UnsafeRawBufferPointer(start: start, count: count).bytes)
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var assumingBytes: UnsafePointer<UInt8>? { assumingMemoryBound(to: UInt8.self).baseAddress }

    fileprivate func bigEndian(at offset: Int) -> Int32 {
        Int32(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
}

/// Why compressed records cannot be decompressed.
package enum DecompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// They are not exactly one complete stream of their codec.
    case malformed(CompressionCodec, String)
    /// They decompress to more bytes than are accepted.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .malformed(let codec, let reason): "the records are not valid \(codec): \(reason)"
        case .tooLarge(let limit): "the records decompress to more than \(limit) bytes"
        }
    }
}
