import ArgumentParser
import Foundation
import KafkaClient
import Pipeline

/// The flags of every command on the topics of a Kafka cluster.
struct BootstrapOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The brokers to start from (default: client.bootstrap.servers, else where ingestor.listen has it).",
            valueName: "host:port,…"
        )
    )
    var bootstrap: String?

    @OptionGroup var properties: ClientPropertyOptions

    /// `--config` is a topic's setting where topics are created.
    @Option(help: ArgumentHelp("The configuration (default: hera.yaml, where there is one).", valueName: "file"))
    var configFile: String?

    func validate() throws {
        guard let bootstrap else { return }
        guard BrokerAddresses(bootstrap) != nil else {
            throw ValidationError("--bootstrap is '\(bootstrap)'; it has to be HOST:PORT,…")
        }
    }

    /// The cluster these flags mean.
    func client() async throws -> ClientConfiguration {
        let configuration = try await PipelineConfiguration.loadForCommand(file: configFile, isQuiet: false)
        let addresses = bootstrap ?? configuration.clientBootstrap
        return ClientConfiguration(
            bootstrap: BrokerAddresses(addresses)?.list ?? [addresses],
            properties: properties.properties(over: configuration)
        )
    }
}
