internal import CLZ4
internal import CSnappy
internal import CZlib
internal import CZstd

/// A compression of record batches, for tests that make them.
public enum Compression: Sendable, Hashable, CaseIterable {
    case gzip
    /// One raw block, as librdkafka sends it.
    case snappy
    /// Blocks in the frame of snappy-java, as Java's clients and kafka-python send them.
    case xerialSnappy
    case lz4
    case zstd

    /// The number of the codec in a batch's attributes.
    public var codecNumber: Int16 {
        switch self {
        case .gzip: 1
        case .snappy, .xerialSnappy: 2
        case .lz4: 3
        case .zstd: 4
        }
    }

    /// `bytes`, compressed; `level` counts where the codec has levels.
    public func compress(_ bytes: [UInt8], level: Int32 = 3) -> [UInt8] {
        switch self {
        case .gzip: Self.gzip(bytes, level: level)
        case .snappy: Self.snappyBlock(bytes[...])
        case .xerialSnappy: Self.xerial(bytes)
        case .lz4: Self.lz4Frame(bytes)
        case .zstd: Self.zstdFrame(bytes, level: level)
        }
    }

    private static func gzip(_ bytes: [UInt8], level: Int32) -> [UInt8] {
        var stream = z_stream()
        var result = deflateInit2_(
            &stream,
            level,
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(result == Z_OK, "zlib cannot be set up: \(result)")
        defer { deflateEnd(&stream) }
        var input = bytes
        return [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(bytes.count))) + 32) {
            output,
            count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                result = deflate(&stream, Z_FINISH)
            }
            precondition(result == Z_STREAM_END, "zlib did not compress: \(result)")
            count = output.count - Int(stream.avail_out)
        }
    }

    private static func snappyBlock(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: snappy_max_compressed_length(bytes.count)) { output, count in
            count = output.count
            let result = bytes.withUnsafeBytes { input in
                snappy_compress(
                    input.assumingMemoryBound(to: CChar.self).baseAddress,
                    input.count,
                    UnsafeMutableRawBufferPointer(output).assumingMemoryBound(to: CChar.self).baseAddress,
                    &count
                )
            }
            precondition(result == SNAPPY_OK, "snappy did not compress")
        }
    }

    private static func xerial(_ bytes: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]
        for start in stride(from: 0, to: bytes.count, by: 32 << 10) {
            let block = snappyBlock(bytes[start..<min(bytes.count, start + (32 << 10))])
            withUnsafeBytes(of: UInt32(block.count).bigEndian) { frame += $0 }
            frame += block
        }
        return frame
    }

    private static func lz4Frame(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: LZ4F_compressFrameBound(bytes.count, nil)) { output, count in
            count = LZ4F_compressFrame(output.baseAddress, output.count, bytes, bytes.count, nil)
            precondition(LZ4F_isError(count) == 0, "LZ4 did not compress")
        }
    }

    /// A frame that does not tell its size, as of a producer that compresses while it collects.
    private static func zstdFrame(_ bytes: [UInt8], level: Int32) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        return [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { room, count in
            var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            bytes.withUnsafeBytes { bytes in
                // The first byte by itself: as the end is not known then, the window is that of the level.
                let first = min(1, bytes.count)
                var input = ZSTD_inBuffer(src: bytes.baseAddress, size: first, pos: 0)
                ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue)
                input.size = bytes.count
                let left = ZSTD_compressStream2(context, &output, &input, ZSTD_e_end)
                precondition(left == 0, "zstd did not compress")
            }
            count = output.pos
        }
    }
}
