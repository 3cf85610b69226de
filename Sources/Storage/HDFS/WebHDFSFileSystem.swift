import Synchronization

/// A directory of an HDFS as a storage, over WebHDFS: Hadoop 3, HttpFS, or a gateway in front of either.
///
/// The NameNode makes creation exclusive and renaming without replacing, and every later call of any client sees what one
/// call did. Names and closed files survive a crash of the NameNode when the call has returned. Bytes survive the loss of
/// as many DataNodes as `replication` has in excess of one; whether they survive a power cut of all of them is the
/// DataNodes' setting (`dfs.datanode.synconclose`).
///
/// No file that matters is ever open: leases need no recovery. What is being written has a temporary name.
package struct WebHDFSFileSystem: FileSystem {
    private let client: WebHDFSClient
    /// The directory that is the storage's root.
    private let root: StoragePath

    /// - Throws: `StorageError` if no address of a NameNode is known, or a file of the options cannot be read.
    package init(_ location: HDFSLocation, _ options: HDFSOptions) throws(StorageError) {
        client = try WebHDFSClient(location, options)
        root = location.path
    }

    private func absolute(_ path: StoragePath) throws(StorageError) -> StoragePath {
        try root.appending(path.string)
    }

    package func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        let absolute = try absolute(path)
        do {
            _ = try await client.status(of: absolute, for: .create)
        } catch  where error.code == .notFound {
            return WebHDFSFileWriter(client, absolute)
        }
        throw client.error(.alreadyExists, .status(absolute, for: .create), "something has this name already")
    }

    package func open(_ path: StoragePath) async throws(StorageError) -> any FileReader {
        let absolute = try absolute(path)
        let status = try await client.status(of: absolute, for: .read)
        guard status.kind != .directory else {
            throw client.error(.isADirectory, .status(absolute, for: .read), "it is a directory")
        }
        return WebHDFSFileReader(client, absolute, length: status.length)
    }

    package func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        do {
            let status = try await client.status(of: absolute(path))
            return FileStatus(path: path, kind: status.kind, length: status.length)
        } catch  where error.code == .notFound || error.code == .notADirectory {
            return nil
        }
    }

    package func pages(of directory: StoragePath) async throws(StorageError) -> any DirectoryPages {
        WebHDFSDirectoryPages(client, directory, at: try absolute(directory))
    }

    package func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        do {
            return try await client.delete(absolute(path))
        } catch  where error.code == .notFound {
            return false
        }
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        let (from, to) = (try absolute(source), try absolute(target))
        if try await renameOnce(from, to) { return true }
        // The NameNode makes no directories above the new name.
        guard try await status(of: target.parent) == nil else { return false }
        try await createDirectory(target.parent)
        return try await renameOnce(from, to)
    }

    private func renameOnce(_ source: StoragePath, _ target: StoragePath) async throws(StorageError) -> Bool {
        do throws(StorageError) {
            let operation = WebHDFSOperation.rename(source, to: target)
            let answer = try await client.call(operation)
            // A NameNode has no body here; HttpFS has a boolean. A page or a redirection is of something between, and
            // says nothing of the rename.
            if answer.status == 200, answer.body.isEmpty { return true }
            if let body = answer.read(WebHDFSAnswer.BooleanBody.self) { return body.boolean }
            throw client.error(.answerLost, operation, "the answer is not that of WebHDFS: HTTP \(answer.status)")
        } catch  where error.code == .notFound || error.code == .alreadyExists {
            return false
        }
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        let operation = WebHDFSOperation.makeDirectory(try absolute(path), client.options)
        do throws(StorageError) {
            guard try await client.call(operation, WebHDFSAnswer.BooleanBody.self).boolean else {
                throw client.error(.failed, operation, "the NameNode did not make it")
            }
        } catch  where error.code == .alreadyExists {
            throw client.error(.notADirectory, operation, error.reason)
        }
    }
}

/// The entries of a directory of an HDFS, in the pages that the NameNode makes of them.
private final class WebHDFSDirectoryPages: DirectoryPages {
    private struct State {
        /// Entries that came and were not handed on: a NameNode may be set up to have larger pages.
        var entries: [FileStatus] = []
        /// The last name that came.
        var last = ""
        var isAtEnd = false
    }

    private let client: WebHDFSClient
    private let directory: StoragePath
    private let absolute: StoragePath
    private let state = Mutex(State())

    init(_ client: WebHDFSClient, _ directory: StoragePath, at absolute: StoragePath) {
        self.client = client
        self.directory = directory
        self.absolute = absolute
    }

    func next() async throws(StorageError) -> [FileStatus] {
        while true {
            let (page, isAtEnd, last) = state.withLock { state in
                let page = Array(state.entries.prefix(DirectoryLimits.pageEntries))
                state.entries.removeFirst(page.count)
                return (page, state.isAtEnd, state.last)
            }
            if !page.isEmpty || isAtEnd { return page }
            try await fetch(after: last)
        }
    }

    private func fetch(after last: String) async throws(StorageError) {
        let operation = WebHDFSOperation.list(absolute, after: last)
        let listing: WebHDFSAnswer.ListingBody
        do {
            listing = try await client.call(operation, WebHDFSAnswer.ListingBody.self)
        } catch  where error.code == .notFound {
            state.withLock { $0.isAtEnd = true }
            return
        }
        let found = listing.entries
        var entries: [FileStatus] = []
        for entry in found {
            // What is asked for is a file itself where an entry has no name.
            guard !entry.pathSuffix.isEmpty else {
                throw client.error(.notADirectory, operation, "it is a file")
            }
            guard !entry.pathSuffix.utf8.contains(UInt8(ascii: "/")) else {
                throw client.error(.failed, operation, "the NameNode's answer has a name with a slash")
            }
            entries.append(entry.fileStatus(at: try directory.appending(entry.pathSuffix)))
        }
        // A server that begins anew would never end.
        guard last.isEmpty || found.last?.pathSuffix != last else {
            throw client.error(.failed, operation, "the NameNode sent one page twice")
        }
        state.withLock { state in
            state.entries = entries
            state.isAtEnd = listing.remainingEntries == 0 || found.isEmpty
            state.last = found.last?.pathSuffix ?? ""
        }
    }
}
