import Glibc

/// The files and sockets that this process may have open, and what its children see of them.
enum OpenFiles {
    /// Raises the soft limit to the hard one: a shell's usual one is less than an ingestor may need.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where this fails the old limit holds; the listener logs it when it is reached.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many this process may have.
    static var limit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    /// Lets no child process inherit what is open now. Files and sockets of this module are opened so; NIO's selectors are
    /// not.
    static func closeOnExec() {
        // Kernels before 5.11 do not know the call; there a child inherits selectors, which keep no port.
        _ = GNUCalls.closeOnExec(fromDescriptor: STDERR_FILENO + 1)
    }
}

/// Calls of glibc that Swift's module of it leaves out, by name.
enum GNUCalls {
    private typealias Accept4 =
        @convention(c) (CInt, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?, CInt) -> CInt
    private typealias CloseRange = @convention(c) (CUnsignedInt, CUnsignedInt, CInt) -> CInt

    private static let accept4: Accept4? = function("accept4")
    private static let closeRange: CloseRange? = function("close_range")
    private static let closeRangeOnExec: CInt = 4

    /// Takes a connection that waits, as a socket that does not block and that no child process inherits.
    static func accept(_ socket: CInt) -> CInt {
        let flags = CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard let accept4 else {
            errno = ENOSYS
            return -1
        }
        return accept4(socket, nil, nil, flags)
    }

    static func closeOnExec(fromDescriptor first: CInt) -> Bool {
        closeRange?(CUnsignedInt(first), .max, closeRangeOnExec) == 0
    }

    private static func function<Function>(_ name: String) -> Function? {
        // A null handle looks through all libraries of the process. Both types are pointers to C functions.
        dlsym(nil, name).map { unsafeBitCast($0, to: Function.self) }
    }
}
