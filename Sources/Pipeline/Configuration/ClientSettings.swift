import Ingestor
import KafkaClient

/// How the commands that are clients of a Kafka cluster (`source`, `topics`, `audit`, `repair`) reach it: the section
/// `client` of `hera.yaml`, in librdkafka's own names. The embedded pipeline's stages ignore it: they connect to the
/// ingestor of their own process.
package struct ClientSettings: Sendable, Equatable {
    static let prefix = "client."
    static let variablePrefix = "HERA_CLIENT_"
    /// The one property that says which cluster it is.
    private static let bootstrapProperty = "bootstrap.servers"

    /// The brokers to start from where no flag names any, as `HOST:PORT,…`.
    package private(set) var bootstrap: String?
    /// Properties of librdkafka. Values of them may be secrets.
    package private(set) var properties: [String: String] = [:]

    package init() {}

    mutating func set(_ property: String, _ value: String) {
        if property == Self.bootstrapProperty { bootstrap = value } else { properties[property] = value }
    }

    /// Why librdkafka does not take the property, in words that repeat no secret; `nil` where it does.
    static func problem(_ property: String, _ value: String) -> String? {
        if property == bootstrapProperty {
            return BrokerAddresses(value) == nil ? "is '\(value)'; it has to be HOST:PORT,…" : nil
        }
        return ClientConfiguration.problem(ofProperty: property, value: value).map { "is refused: \($0)" }
    }

    /// The property that a variable of the environment names: `HERA_CLIENT_SASL_PASSWORD` is `sasl.password`. `nil` where
    /// librdkafka has none of this name.
    static func property(ofVariable name: String) -> String? {
        guard name.hasPrefix(variablePrefix) else { return nil }
        let property = name.dropFirst(variablePrefix.count).lowercased().replacing("_", with: ".")
        return property == bootstrapProperty || ClientConfiguration.isProperty(property) ? property : nil
    }

    static func variable(of property: String) -> String {
        variablePrefix + property.uppercased().replacing(".", with: "_")
    }
}

extension ClientSettings: CustomStringConvertible {
    /// The addresses and the names of the properties, without values: they may be secrets.
    package var description: String {
        ([bootstrap].compactMap { $0 } + properties.keys.sorted()).joined(separator: " ")
    }
}

extension PipelineConfiguration {
    /// The brokers that commands start from where no flag names any: those of the section `client`, else the embedded
    /// ingestor of this machine.
    package var clientBootstrap: String {
        if let bootstrap = client.bootstrap { return bootstrap }
        // The first listener is that of this machine's own clients.
        guard var address = NamedAddress.list(ingestor.listen)?.first?.address else { return ingestor.listen }
        if address.port == 0, let running = AddressFile.read(PipelinePaths(data: data).kafkaAddress) {
            return running
        }
        // Where it listens on every address it listens on the loopback's too.
        if ["0.0.0.0", "::"].contains(address.host) { address.host = "127.0.0.1" }
        return address.description
    }
}

/// Brokers to start from, as people write them: `HOST:PORT,HOST:PORT`.
package struct BrokerAddresses: Sendable, Equatable {
    package let list: [String]

    /// `nil` where one of them is not `HOST:PORT`, or there is none.
    package init?(_ text: String) {
        list = text.split(separator: ",").map { $0.filter { $0 != " " } }
        guard !list.isEmpty, list.allSatisfy(Self.isAddress) else { return nil }
    }

    private static func isAddress(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { return false }
        return UInt16(text[text.index(after: colon)...]).map { $0 > 0 } ?? false
    }
}
