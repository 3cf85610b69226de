import ArgumentParser
import Foundation
import KafkaClient
import Pipeline
import Storage

/// Where records come from and where they are filed: the pipeline of this machine, or any Kafka and the storage behind
/// it.
struct PlaceOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("Brokers to start from, instead of --data.", valueName: "host:port,…"))
    var bootstrap: String?

    @Option(
        help: ArgumentHelp("Where files lie: with --bootstrap, or those of --data elsewhere.", valueName: "url-or-dir")
    )
    var storage: String?

    @OptionGroup var properties: ClientPropertyOptions

    func validate() throws {
        guard bootstrap == nil || storage != nil else {
            throw ValidationError("--bootstrap and --storage go together: the topics, and the files made of them")
        }
        if let bootstrap, BrokerAddresses(bootstrap) == nil {
            throw ValidationError("--bootstrap is '\(bootstrap)'; it has to be HOST:PORT,…")
        }
        if bootstrap != nil, options.data != nil {
            throw ValidationError("give either --data, or --bootstrap and --storage")
        }
        if bootstrap == nil, !properties.properties.isEmpty {
            throw ValidationError("-X goes with --bootstrap; the pipeline of --data is asked without")
        }
        try Self.check("--storage", storage)
    }

    /// A mistyped directory would look like one in which nothing was filed yet.
    static func check(_ option: String, _ path: String?) throws {
        try TextRule.path.check(option, path)
        guard let path, let directory = try location(option, path).localPath,
            !FileManager.default.fileExists(atPath: directory)
        else { return }
        throw ValidationError("\(option) \(path): there is no such directory")
    }

    /// Where the storage lies that `option` names.
    static func location(_ option: String, _ text: String) throws -> StorageLocation {
        do {
            return try StorageLocation(text)
        } catch {
            throw ValidationError("\(option): \(error)")
        }
    }

    /// The configuration, with the storage of the flag.
    func load(isQuiet: Bool = false) async throws -> PipelineConfiguration {
        var configuration = try await options.load(isQuiet: isQuiet)
        if let storage { configuration.storage.url = storage }
        return configuration
    }

    /// The cluster and the storage that the flags name; `nil` where they mean the pipeline of this machine.
    func cluster(
        _ configuration: PipelineConfiguration
    ) throws -> (client: ClientConfiguration, storage: any FileSystem)? {
        guard let bootstrap, let storage else { return nil }
        let client = ClientConfiguration(
            bootstrap: BrokerAddresses(bootstrap)?.list ?? [],
            properties: properties.properties(over: configuration)
        )
        return (client, try configuration.fileSystem(at: Self.location("--storage", storage)))
    }
}
