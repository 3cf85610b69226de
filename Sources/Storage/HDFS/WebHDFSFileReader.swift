import NIOCore
import Synchronization

/// A file of an HDFS that is open for reading.
///
/// Reads that continue each other come over one connection, which is read ahead a little. The NameNode knows no open
/// files: one that was deleted meanwhile is not found when the connection is made, or made anew. One that was renamed
/// is neither.
final class WebHDFSFileReader: FileReader {
    private struct State {
        var isClosed = false
        /// The connection, and the offset of the first byte that was not taken from it.
        var download: WebHDFSDownload?
        var position: Int64 = 0
        /// Bytes that came and were not read yet.
        var rest = ByteBuffer()
    }

    let length: Int64
    private let client: WebHDFSClient
    private let path: StoragePath
    private let state = Mutex(State())

    init(_ client: WebHDFSClient, _ path: StoragePath, length: Int64) {
        self.client = client
        self.path = path
        self.length = length
    }

    deinit {
        state.withLock { $0.download?.cancel() }
    }

    func read(from offset: Int64, into buffer: inout MutableRawSpan) async throws(StorageError) -> Int {
        try state.withLock { state throws(StorageError) in
            if state.isClosed {
                throw client.error(.closed, .status(path, for: .read), "the file was closed before")
            }
            guard state.position != offset else { return }
            state.download?.cancel()
            state.download = nil
            state.rest = ByteBuffer()
            state.position = offset
        }
        let wanted = Int(min(Int64(buffer.byteCount), max(0, length - offset)))
        var filled = 0
        while filled < wanted {
            try await fetch()
            let part = state.withLock { state in
                let part = state.rest.readSlice(length: min(wanted - filled, state.rest.readableBytes)) ?? ByteBuffer()
                state.position += Int64(part.readableBytes)
                return part
            }
            let place = filled
            buffer.withUnsafeMutableBytes { buffer in
                part.withUnsafeReadableBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + bytes.count]).copyMemory(from: bytes)
                }
            }
            filled += part.readableBytes
        }
        return filled
    }

    /// Makes sure that there are bytes at the position, which is in front of the end.
    private func fetch() async throws(StorageError) {
        let (hasBytes, open, position) = state.withLock { ($0.rest.readableBytes > 0, $0.download, $0.position) }
        if hasBytes { return }
        // A connection that broke, or ended too early, is made anew where it ended.
        if let open, let part = try? await open.next() {
            state.withLock { $0.rest = part }
            return
        }
        let (download, first) = try await client.download(path, position..<length)
        state.withLock { state in
            state.download = download
            state.rest = first
        }
    }

    func close() async {
        let download = state.withLock { state in
            state.isClosed = true
            state.rest = ByteBuffer()
            defer { state.download = nil }
            return state.download
        }
        download?.cancel()
    }
}
