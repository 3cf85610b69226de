import ArgumentParser
import KafkaClient
import Pipeline

/// The flag of every command that is a client of a Kafka cluster, for what its connection needs: TLS, a password.
struct ClientPropertyOptions: ParsableArguments {
    @Option(
        name: [.customShort("X"), .customLong("property")],
        help: ArgumentHelp(
            "A property of librdkafka, for example security.protocol=ssl; may be given again. Others stand in the "
                + "section client of hera.yaml: secrets belong there, not on the command line.",
            valueName: "name=value"
        )
    )
    var properties: [String] = []

    func validate() throws {
        // The value may be a secret: it is not repeated.
        guard properties.allSatisfy({ NameAndValue($0) != nil }) else { throw ValidationError("-X wants NAME=VALUE.") }
    }

    /// What the configuration says, and over it what the flags say.
    func properties(over configuration: PipelineConfiguration) -> [String: String] {
        NameAndValue.dictionary(properties, over: configuration.client.properties)
    }
}

/// `name=value`, split at the first `=`.
struct NameAndValue {
    let name: String
    let value: String

    init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        name = String(text[..<equals])
        value = String(text[text.index(after: equals)...])
    }

    /// The pairs in `texts`, over those in `base`; the last one of a name holds.
    static func dictionary(_ texts: [String], over base: [String: String] = [:]) -> [String: String] {
        texts.compactMap(NameAndValue.init).reduce(into: base) { $0[$1.name] = $1.value }
    }
}
