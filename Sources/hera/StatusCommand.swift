import ArgumentParser
import Pipeline

/// `hera status`: how the stages of the pipeline on this machine are.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how the stages of the pipeline on this machine are.",
        discussion: """
            It reads the status that `hera up` writes into its directory every few seconds, and asks nothing of the \
            pipeline itself. Exit status 1 where a stage or a partition has failed, where the status is old because the \
            pipeline ended without stopping in order, and where there is none.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print the status as JSON.")
    var json = false

    @Flag(help: "Print it again every two seconds until Ctrl-C.")
    var watch = false

    /// The status as JSON: with the word for how to take it, since a program would have to know the limits otherwise.
    private struct Report: Encodable {
        let freshness: PipelineStatus.Freshness
        let status: PipelineStatus
    }

    func run() async throws {
        let directory = try await options.load(isQuiet: json).data
        let file = StatusFile(path: PipelinePaths(data: directory).status)
        while watch {
            let status = try file.read()
            if StandardOutput.isTerminal, !json { try StandardOutput().write(Array("\u{1B}[H\u{1B}[J".utf8)) }
            try show(status, directory)
            try await Task.sleep(for: StatusFile.Limits.interval)
        }
        let status = try file.read()
        try show(status, directory)
        guard let status, !status.hasFailure, freshness(of: status) != .old else { throw ExitCode.failure }
    }

    private func show(_ status: PipelineStatus?, _ directory: String) throws {
        guard let status else {
            StandardError.say("hera: no pipeline has written a status in \(directory); `hera up` does while it runs")
            return
        }
        if json {
            try StandardOutput().say(json: Report(freshness: freshness(of: status), status: status))
        } else {
            let text = status.text(directory: directory, atMilliseconds: WallClock.milliseconds())
            try StandardOutput().write(Array((text + "\n").utf8))
        }
    }

    private func freshness(of status: PipelineStatus) -> PipelineStatus.Freshness {
        status.freshness(atMilliseconds: WallClock.milliseconds())
    }
}
