import ArgumentParser
import Pipeline

/// The flag of commands that file events: where the files lie.
struct StorageOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where files lie: a directory, or an hdfs:, webhdfs: or swebhdfs: URL (default: <data>/storage).",
            valueName: "url-or-dir"
        )
    )
    var storage: String?

    func validate() throws {
        try Setting.check("--storage", storage, as: "storage.url")
    }

    func apply(to configuration: inout PipelineConfiguration) {
        if let storage { configuration.storage.url = storage }
    }
}
