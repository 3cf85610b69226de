/// What every client needs to know: where the cluster is, and how to behave when it is not there.
package struct ClientConfiguration: Sendable {
    /// What a client does while no broker can be reached.
    package enum WhenUnreachable: Sendable {
        /// Gives up with `brokersUnreachable` if no broker was ever reached: for commands that a person waits for.
        case fail
        /// Goes on trying until it is stopped: for services that may start before their broker.
        case keepTrying
    }

    /// The brokers to start from, each as `host:port`.
    package var bootstrap: [String]
    /// Further librdkafka properties, for example `security.protocol`. They win over this client's defaults.
    package var properties: [String: String]
    /// What to do while no broker can be reached.
    package var whenUnreachable: WhenUnreachable
    /// The name by which the brokers' logs and metrics know this client (`client.id`).
    package var clientID: String

    package init(
        bootstrap: [String],
        properties: [String: String] = [:],
        whenUnreachable: WhenUnreachable = .fail,
        clientID: String = "hera"
    ) {
        self.bootstrap = bootstrap
        self.properties = properties
        self.whenUnreachable = whenUnreachable
        self.clientID = clientID
    }
}

extension ClientConfiguration: CustomStringConvertible {
    /// The addresses and the names of the properties; never a value that is a secret.
    package var description: String {
        let shown = properties.sorted { $0.key < $1.key }.map { name, value in
            "\(name)=\(SecretProperties.contains(name) ? SecretProperties.mask : value)"
        }
        return ([bootstrap.joined(separator: ",")] + shown).joined(separator: " ")
    }
}
