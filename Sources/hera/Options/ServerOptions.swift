import ArgumentParser
import Pipeline

/// The flags of every command that runs the ingestor: where the program listens.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to listen, or several places as name://host:port,…; port 0 takes a free one.",
            valueName: "host:port"
        )
    )
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "The address that clients are told to use, or name://host:port,… by listener (default: the one they came by).",
            valueName: "host:port"
        )
    )
    var advertise: String?

    @Option(
        help: ArgumentHelp(
            "Where to serve /metrics and /health over HTTP (default: nowhere); port 0 takes a free one.",
            valueName: "host:port"
        )
    )
    var metrics: String?

    func validate() throws {
        try Setting.check("--listen", listen, as: "ingestor.listen")
        try Setting.check("--advertise", advertise, as: "ingestor.advertise")
        try Setting.check("--metrics", metrics, as: "metrics.listen")
    }

    func apply(to configuration: inout PipelineConfiguration) {
        if let listen { configuration.ingestor.listen = listen }
        if let advertise { configuration.ingestor.advertise = advertise }
        if let metrics { configuration.metrics.listen = metrics }
    }
}
