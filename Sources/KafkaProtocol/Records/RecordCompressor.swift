internal import CLZ4
internal import CSnappy
internal import CZlib
internal import CZstd
package import NIOCore
import Synchronization

/// How records are compressed: a codec and its level, as Kafka numbers them.
package struct RecordCompression: Hashable, Sendable {
    package let codec: CompressionCodec
    /// Counts where the codec has levels.
    package let level: Int32

    /// - Parameter level: `nil` for Kafka's default.
    package init(_ codec: CompressionCodec, level: Int32? = nil) {
        self.codec = codec
        self.level = level ?? Self.standardLevel(of: codec)
    }

    /// Kafka's default.
    package static func standardLevel(of codec: CompressionCodec) -> Int32 {
        switch codec {
        case .none, .snappy: 0
        case .gzip: -1
        case .lz4: 9
        case .zstd: 3
        }
    }
}

/// Compresses the records of a batch piece by piece, into the form that Java's producer gives them:
///
///     none     as they are
///     gzip     one member
///     snappy   the blocks of snappy-java, of 32 KiB each
///     lz4      one frame of independent blocks of 64 KiB
///     zstd     one frame with a window of at most 4 MiB, which ``RecordDecompressor`` reads piece by piece
///
/// Memory depends on the codec and on what comes out, not on what goes in.
package final class RecordCompressor {
    /// What goes into a codec at a time.
    private static let pieceBytes = 64 << 10
    private static let snappyBlockBytes = 32 << 10
    private static let snappyHeader: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    /// Levels of zstd from here on have tables of tens of megabytes, so they take turns.
    private static let zstdLargeLevel: Int32 = 6
    /// Levels from here on would have hundreds of megabytes: they get the tables of the level before.
    private static let zstdHugeLevel: Int32 = 17
    private static let turns = Mutex(())

    private let compression: RecordCompression
    private let bytesMax: Int
    /// What a codec writes into; LZ4 needs room for all that a piece can become.
    private let room: UnsafeMutableRawBufferPointer
    private var output: ByteBuffer
    /// The bytes of snappy's next block.
    private var block = ByteBuffer()
    private var zlib: UnsafeMutablePointer<z_stream>?
    private var lz4: OpaquePointer?
    private var zstd: OpaquePointer?
    private var isTooLarge = false

    /// The bytes of `head`, followed by the compressed records.
    ///
    /// - Parameters:
    ///   - bytesMax: How many bytes that may be.
    ///   - fill: Gives the records to ``append(_:)``.
    /// - Returns: `nil` where it would be more.
    package static func compress<Failure: Error>(
        _ compression: RecordCompression,
        after head: ByteBuffer,
        bytesMax: Int,
        _ fill: (RecordCompressor) throws(Failure) -> Void
    ) throws(Failure) -> ByteBuffer? {
        func run() throws(Failure) -> ByteBuffer? {
            let compressor = RecordCompressor(compression, after: head, bytesMax: bytesMax)
            try fill(compressor)
            return compressor.finish()
        }
        guard compression.codec == .zstd, compression.level >= zstdLargeLevel else { return try run() }
        return try turns.withLock { _ throws(Failure) in try run() }
    }

    private init(_ compression: RecordCompression, after head: ByteBuffer, bytesMax: Int) {
        self.compression = compression
        self.bytesMax = bytesMax
        output = head
        var roomBytes = Self.pieceBytes
        switch compression.codec {
        case .none: break
        case .gzip: zlib = Self.deflater(compression.level)
        case .snappy:
            output.writeBytes(Self.snappyHeader)
            roomBytes = snappy_max_compressed_length(Self.snappyBlockBytes)
        case .lz4:
            var preferences = Self.lz4Preferences(compression.level)
            roomBytes = max(Self.pieceBytes, LZ4F_compressBound(Self.pieceBytes, &preferences))
            LZ4F_createCompressionContext(&lz4, UInt32(LZ4F_VERSION))
        case .zstd: zstd = Self.zstdContext(compression.level)
        }
        room = .allocate(byteCount: roomBytes, alignment: 16)
        if compression.codec == .lz4 { beginLZ4() }
    }

    deinit {
        room.deallocate()
        if let zlib {
            deflateEnd(zlib)
            zlib.deallocate()
        }
        LZ4F_freeCompressionContext(lz4)
        ZSTD_freeCCtx(zstd)
    }

    /// Compresses the next records, or a part of them.
    ///
    /// - Returns: whether there is room for more.
    package func append(_ records: RawSpan) -> Bool {
        records.withUnsafeBytes { input in
            switch compression.codec {
            case .none: write(input)
            case .gzip: deflate(input, Z_NO_FLUSH)
            case .snappy: appendToBlocks(input)
            case .lz4: compressLZ4(input)
            case .zstd: compressZstd(input, ZSTD_e_continue)
            }
        }
        return !isTooLarge
    }

    private func finish() -> ByteBuffer? {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        if !isTooLarge {
            switch compression.codec {
            case .none: break
            case .gzip: deflate(nothing, Z_FINISH)
            case .snappy: writeBlock()
            case .lz4: note(LZ4F_compressEnd(lz4, room.baseAddress, room.count, nil))
            case .zstd: compressZstd(nothing, ZSTD_e_end)
            }
        }
        return isTooLarge ? nil : output
    }

    /// Appends to the output where that has room.
    private func write(_ bytes: UnsafeRawBufferPointer) {
        isTooLarge = isTooLarge || bytes.count > bytesMax - output.readableBytes
        if !isTooLarge { output.writeBytes(bytes) }
    }

    private func write(room count: Int) { write(UnsafeRawBufferPointer(rebasing: room[..<count])) }

    // MARK: gzip

    private static func deflater(_ level: Int32) -> UnsafeMutablePointer<z_stream> {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The greatest window, 16 for gzip's own frame, and zlib's usual memory.
        let size = Int32(MemoryLayout<z_stream>.size)
        let result = deflateInit2_(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        precondition(result == Z_OK, "zlib cannot be set up: \(result)")
        return stream
    }

    private func deflate(_ input: UnsafeRawBufferPointer, _ flush: Int32) {
        guard let zlib else { return }
        // zlib reads through this pointer only. A batch is shorter than 2 GiB.
        zlib.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        zlib.pointee.avail_in = UInt32(input.count)
        repeat {
            zlib.pointee.next_out = room.assumingMemoryBound(to: UInt8.self).baseAddress
            zlib.pointee.avail_out = UInt32(room.count)
            let result = CZlib.deflate(zlib, flush)
            precondition(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "zlib failed: \(result)")
            write(room: room.count - Int(zlib.pointee.avail_out))
        } while zlib.pointee.avail_out == 0 && !isTooLarge
    }

    // MARK: snappy

    private func appendToBlocks(_ input: UnsafeRawBufferPointer) {
        var rest = input
        while !rest.isEmpty, !isTooLarge {
            let count = min(rest.count, Self.snappyBlockBytes - block.readableBytes)
            block.writeBytes(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if block.readableBytes == Self.snappyBlockBytes { writeBlock() }
        }
    }

    private func writeBlock() {
        guard block.readableBytes > 0 else { return }
        var count = room.count
        block.withUnsafeReadableBytes { block in
            let result = snappy_compress(
                block.assumingMemoryBound(to: CChar.self).baseAddress,
                block.count,
                room.assumingMemoryBound(to: CChar.self).baseAddress,
                &count
            )
            precondition(result == SNAPPY_OK, "snappy did not compress")
        }
        block.clear()
        withUnsafeBytes(of: UInt32(count).bigEndian) { write($0) }
        write(room: count)
    }

    // MARK: LZ4

    private static func lz4Preferences(_ level: Int32) -> LZ4F_preferences_t {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        // Kafka's default level stands for the fast compression, as its clients have it.
        preferences.compressionLevel = level == RecordCompression.standardLevel(of: .lz4) ? 0 : level
        return preferences
    }

    private func beginLZ4() {
        precondition(lz4 != nil, "no memory for a context of liblz4")
        var preferences = Self.lz4Preferences(compression.level)
        note(LZ4F_compressBegin(lz4, room.baseAddress, room.count, &preferences))
    }

    private func compressLZ4(_ input: UnsafeRawBufferPointer) {
        var rest = input
        while !rest.isEmpty, !isTooLarge {
            let count = min(rest.count, Self.pieceBytes)
            note(LZ4F_compressUpdate(lz4, room.baseAddress, room.count, rest.baseAddress, count, nil))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Takes what a call of LZ4 wrote.
    private func note(_ result: Int) {
        precondition(LZ4F_isError(result) == 0, "LZ4 did not compress: \(String(cString: LZ4F_getErrorName(result)))")
        write(room: result)
    }

    // MARK: zstd

    private static func zstdContext(_ level: Int32) -> OpaquePointer {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("no memory for a context of libzstd") }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        if level >= zstdHugeLevel {
            ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 22)
            ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, 22)
            ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 22)
        }
        return context
    }

    private func compressZstd(_ input: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var left = 0
        repeat {
            var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            left = ZSTD_compressStream2(zstd, &target, &source, directive)
            precondition(ZSTD_isError(left) == 0, "zstd did not compress: \(String(cString: ZSTD_getErrorName(left)))")
            write(room: target.pos)
        } while !isTooLarge && (source.pos < source.size || (directive == ZSTD_e_end && left > 0))
    }
}
