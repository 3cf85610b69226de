import ArgumentParser
import KafkaClient

/// The flags of every command that is a client of a Kafka cluster.
struct BootstrapOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The brokers to start from.", valueName: "host:port,…"))
    var bootstrap: String = "127.0.0.1:9092"

    @Option(
        name: .customShort("X"),
        help: ArgumentHelp(
            "A property of librdkafka, for example security.protocol=ssl; may be given again.",
            valueName: "name=value"
        )
    )
    var properties: [String] = []

    func validate() throws {
        guard !addresses.isEmpty else { throw ValidationError("--bootstrap has no HOST:PORT.") }
        for address in addresses where !Self.isAddress(address) {
            throw ValidationError("--bootstrap: '\(address)' is not HOST:PORT.")
        }
        for property in properties where Self.pair(property) == nil {
            // The value may be a secret: it is not repeated.
            throw ValidationError("-X wants NAME=VALUE.")
        }
    }

    /// The cluster these flags mean.
    var client: ClientConfiguration {
        ClientConfiguration(
            bootstrap: addresses,
            properties: Dictionary(properties.compactMap(Self.pair)) { _, last in last }
        )
    }

    private var addresses: [String] {
        bootstrap.split(separator: ",").map { $0.filter { $0 != " " } }
    }

    private static func isAddress(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { return false }
        return UInt16(text[text.index(after: colon)...]).map { $0 > 0 } ?? false
    }

    /// `name=value`, split at the first `=`.
    static func pair(_ text: String) -> (name: String, value: String)? {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
