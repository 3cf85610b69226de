import NIOCore
import Synchronization

/// A new file of an HDFS while it is written.
///
/// The first bytes are gathered. A file that ends before there are `HDFSLimits.wholeBytes` is sent in one request, which
/// is tried again with another DataNode until the file is there. A longer one is sent as it comes, over a connection of
/// its own: when that breaks, the file is lost, and whoever writes begins another one. Nothing exists under the name
/// before the first request. An upload that breaks off leaves a closed file with what had come.
final class WebHDFSFileWriter: FileWriter {
    private enum Phase {
        case gathering(ByteBuffer)
        case uploading(WebHDFSUpload)
        case ended
    }

    private struct State {
        var phase = Phase.gathering(ByteBuffer())
        var written: Int64 = 0
    }

    private let client: WebHDFSClient
    private let path: StoragePath
    private let state = Mutex(State())

    init(_ client: WebHDFSClient, _ path: StoragePath) {
        self.client = client
        self.path = path
    }

    deinit {
        state.withLock { state in
            if case .uploading(let upload) = state.phase { upload.cancel() }
        }
    }

    func write(_ bytes: RawSpan) async throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            if case .ended = state.phase { throw closed(.write) }
        }
        var place = 0
        while place < bytes.byteCount {
            let end = min(place + HDFSLimits.pieceBytes, bytes.byteCount)
            try await take(bytes.extracting(place..<end).withUnsafeBytes { ByteBuffer(bytes: $0) })
            place = end
        }
    }

    private func take(_ piece: ByteBuffer) async throws(StorageError) {
        let count = piece.readableBytes
        let (upload, first) = try state.withLock { state throws(StorageError) -> (WebHDFSUpload?, ByteBuffer?) in
            switch state.phase {
            case .ended: throw closed(.write)
            case .uploading(let upload): return (upload, nil)
            case .gathering(var gathered):
                state.phase = .ended
                guard gathered.readableBytes + count > HDFSLimits.wholeBytes else {
                    gathered.writeImmutableBuffer(piece)
                    state.phase = .gathering(gathered)
                    state.written += Int64(count)
                    return (nil, nil)
                }
                return (nil, gathered)
            }
        }
        if let upload {
            try await send(piece, upload)
        } else if let first {
            let upload = try await client.beginUpload(of: path)
            state.withLock { $0.phase = .uploading(upload) }
            if first.readableBytes > 0 { try await send(first, upload) }
            try await send(piece, upload)
        } else {
            return
        }
        state.withLock { $0.written += Int64(count) }
    }

    private func send(_ piece: ByteBuffer, _ upload: WebHDFSUpload) async throws(StorageError) {
        do {
            try await upload.send(piece)
        } catch {
            throw await client.reason(of: upload, error, path)
        }
    }

    func close() async throws(StorageError) -> Int64 {
        let taken = state.withLock { state in
            defer { state.phase = .ended }
            return state
        }
        switch taken.phase {
        case .ended: throw closed(.close)
        case .gathering(let bytes): try await client.upload(bytes, to: path)
        case .uploading(let upload): try await client.finish(upload, of: path, bytes: taken.written)
        }
        let length = try await client.status(of: path, for: .close).length
        guard length == taken.written else {
            throw client.error(
                .wrongLength,
                .status(path, for: .close),
                "\(taken.written) bytes were written and it has \(length)"
            )
        }
        return length
    }

    func abandon() async {
        let phase = state.withLock { state in
            defer { state.phase = .ended }
            return state.phase
        }
        if case .uploading(let upload) = phase { upload.cancel() }
    }

    private func closed(_ what: StorageError.Operation) -> StorageError {
        client.error(.closed, .status(path, for: what), "the file was closed before")
    }
}
