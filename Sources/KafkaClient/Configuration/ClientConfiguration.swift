import CRdKafka

/// What every client needs to know: where the cluster is, and how to behave when it is not there.
package struct ClientConfiguration: Sendable {
    /// What a client does while no broker can be reached.
    package enum WhenUnreachable: Sendable {
        /// Gives up with `brokersUnreachable` if no broker was ever reached: for commands on a console.
        case fail
        /// Tries until it is stopped: for services that may start before their broker.
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

extension ClientConfiguration {
    /// Why a client cannot be given this property of librdkafka, in words that repeat no secret; `nil` where it can.
    package static func problem(ofProperty name: String, value: String) -> String? {
        do {
            let client = ClientConfiguration(bootstrap: ["127.0.0.1:1"], properties: [name: value])
            rd_kafka_conf_destroy(
                try ClientProperties(client, defaults: [:], fixed: [:]).makeConfiguration(events: 0)
            )
            return nil
        } catch {
            return error.message
        }
    }

    /// Whether librdkafka has a property of this name.
    package static func isProperty(_ name: String) -> Bool {
        guard let object = rd_kafka_conf_new() else { return false }
        defer { rd_kafka_conf_destroy(object) }
        // An empty value may be "invalid". Reading the property tells less: without a value it is "unknown" too.
        return rd_kafka_conf_set(object, name, "", nil, 0) != RD_KAFKA_CONF_UNKNOWN
    }
}

/// Which of librdkafka's properties hold secrets: their values never appear in a message, a log or a description.
package enum SecretProperties {
    /// What is shown in place of a secret.
    package static let mask = "[hidden]"

    private static let names: Set<String> = [
        "sasl.oauthbearer.config", "ssl.key.pem", "ssl.certificate.pem", "sasl.jaas.config",
    ]
    private static let parts = ["password", "secret", "passphrase", "private"]

    /// Whether the property `name` holds a secret.
    package static func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        return names.contains(name) || parts.contains { name.contains($0) }
    }
}
