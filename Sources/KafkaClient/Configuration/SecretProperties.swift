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
