import Glibc

/// The limit on files and sockets that this process may have open.
enum OpenFiles {
    /// Raises the limit as far as the system lets everybody: a shell's usual one is less than an ingestor may need.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where this is not allowed the old limit holds, and whoever reaches it is told by name.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
