import ArgumentParser
import KafkaClient

/// `hera groups reset`
struct GroupsResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Sets where a group without members reads on.",
        discussion: """
            Without --execute it shows what it would do, and changes nothing. An offset that a log does not have becomes \
            the nearest one that it has.
            """
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The group's name.")
    var name: String

    @Flag(help: "To the oldest records.")
    var toEarliest = false

    @Flag(help: "To the end: only records that are still to come.")
    var toLatest = false

    @Option(parsing: .unconditional, help: "To this offset.")
    var toOffset: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "To the first record of this time or later: 2026-11-30T10:00:00Z, 2026-11-30 (midnight, UTC), or "
                + "milliseconds since 1970.",
            valueName: "time"
        )
    )
    var toTime: PointInTime?

    @Option(
        help: ArgumentHelp(
            "A topic, or partitions of it; may be given again (default: all that the group has committed).",
            valueName: "topic[:0,1,…]"
        )
    )
    var topic: [TopicSelection] = []

    @Flag(name: [.customLong("execute"), .customLong("yes")], help: "Do it.")
    var execute = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    private var targets: [OffsetTarget] {
        let chosen: [OffsetTarget?] = [
            toEarliest ? .earliest : nil, toLatest ? .latest : nil, toOffset.map(OffsetTarget.offset),
            toTime.map { .time($0.milliseconds) },
        ]
        return chosen.compactMap { $0 }
    }

    func validate() throws {
        guard targets.count == 1 else {
            throw ValidationError("Give one of --to-earliest, --to-latest, --to-offset and --to-time.")
        }
        if let toOffset, toOffset < 0 { throw ValidationError("--to-offset is \(toOffset); it must be 0 or more.") }
    }

    func run() async throws {
        let console = GroupsConsole()
        let reset = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            let reset = try await admin.reset(ofGroup: name, topic, to: targets[0])
            if execute { try await admin.apply(reset) }
            return reset
        }
        try json ? console.output.say(json: ResetOutcome(reset, isDone: execute)) : console.show(reset, isDone: execute)
    }
}
