import NIOCore

extension ListenAddress {
    /// The address of this machine that the connection came to: the one its client can reach.
    init(ofLocal channel: any Channel) {
        self.init(host: channel.localAddress?.ipAddress ?? "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }
}
