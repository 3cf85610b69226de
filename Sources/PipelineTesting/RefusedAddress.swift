import Glibc
import SystemPackage

/// Runs `body` with an address of this machine where connections are refused.
///
/// A port that was merely free a moment ago may be given to the next server that asks the system for one, also to that of
/// a test beside this one. So the port is held by a socket that is bound and never listens.
package func withRefusedAddress<Result>(_ body: (_ address: String) async throws -> Result) async throws -> Result {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    return try await body("127.0.0.1:\(bindToLoopback(descriptor))")
}

/// Gives the socket a port that the system chooses.
private func bindToLoopback(_ descriptor: CInt) throws(Errno) -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // The calls take the head that the addresses of all families share; the memory is this one's for their length.
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { head in
            bind(descriptor, head, length) == 0 && getsockname(descriptor, head, &length) == 0
        }
    }
    guard isBound else { throw Errno(rawValue: errno) }
    return UInt16(bigEndian: address.sin_port)
}
