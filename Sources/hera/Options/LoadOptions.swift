import ArgumentParser
import Community
import DataSource
import PlainText

/// Who is in the community and how good its records are: what `hera source` and `hera demo` share.
struct CommunityOptions: ParsableArguments {
    @Option(
        defaultAsFlag: 4,
        help: ArgumentHelp(
            "Hidden groups of users who differ in partner, activity, spending and age; the ground truth tells whose is "
                + "whose.",
            valueName: "1…\(Persona.all.count)"
        )
    )
    var personas: Int?

    @Option(
        help: ArgumentHelp(
            "Make a share of the records bad: realistic, or any of "
                + Dirt.allCases.map(\.name).joined(separator: ", ") + ".",
            valueName: "kind=share,…|realistic"
        ),
        transform: { try DirtShares(text: $0) }
    )
    var dirty: DirtShares?

    /// Sets what was asked for.
    func apply(to community: inout CommunityConfiguration) {
        community.personas = personas ?? 0
        community.dirt = dirty ?? .none
    }
}

/// How `hera source` spreads its records over users and time.
struct LoadOptions: ParsableArguments {
    @OptionGroup var community: CommunityOptions

    @Option(help: "Whether all users take part alike (even), or a few do most (heavy).")
    var skew = Skew.even

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "For each new user so many grow quiet; of the quiet, half as many leave.",
            valueName: "0…1"
        )
    )
    var churn = 0.0

    @Option(
        help: ArgumentHelp(
            "How --rate changes with time, or where in --span the records lie: by hour, by hour and weekday (UTC), or as "
                + "a file of times and records a second says.",
            valueName: "daily|weekly|file.csv"
        )
    )
    var rateCurve: String?

    @Option(
        help: ArgumentHelp(
            "Bursts: 10x30s/10m is ten times as many for 30 seconds every 10 minutes.",
            valueName: "factor x length / every"
        ),
        transform: { try RateShape.Burst(text: $0) }
    )
    var burst: RateShape.Burst?

    @Option(
        help: ArgumentHelp(
            "Let the records' own times begin here (UTC; default: the time of sending).",
            valueName: "YYYY-MM-DD[THH:MM]"
        )
    )
    var start: StartTime?

    @Option(
        help: ArgumentHelp(
            "Spread the times of all records over this span, up to now or from --start; needs --count.",
            valueName: "time"
        )
    )
    var span: TimeSpan?

    @Option(help: ArgumentHelp("Write the ground truth to this compacted topic as well.", valueName: "topic"))
    var truthTopic: String?

    func validate() throws {
        if let rateCurve, rateCurve.isEmpty { throw ValidationError("--rate-curve is daily, weekly or a file") }
    }

    /// Sets what was asked for.
    ///
    /// - Throws: `ValidationError` where the file of rates cannot be read.
    func apply(to configuration: inout DataSourceConfiguration) throws(ValidationError) {
        community.apply(to: &configuration.community)
        configuration.community.skew = skew
        configuration.community.churn = churn
        configuration.truthTopic = truthTopic
        configuration.shape.burst = burst
        switch rateCurve {
        case nil: break
        case "daily": configuration.shape.curve = .daily
        case "weekly": configuration.shape.curve = .weekly
        case .some(let path):
            do throws(RateFile.Problem) {
                configuration.shape.curve = .file(try RateFile(path: path))
            } catch {
                throw ValidationError("--rate-curve: \(error)")
            }
        }
        let now = configuration.startedAtMilliseconds
        if let span {
            let length = span.value.wholeMilliseconds
            configuration.timing = .spread(from: start?.milliseconds ?? now - length, spanMilliseconds: length)
        } else if let start {
            configuration.timing = .starting(at: start.milliseconds)
        }
    }
}

/// A moment on the command line: a day, or a day and a time, in UTC.
struct StartTime: ExpressibleByArgument {
    let milliseconds: Int64

    init?(argument: String) {
        var text = argument[...]
        if text.hasSuffix("Z") { text = text.dropLast() }
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let day = CalendarDate(String(parts[0])) else { return nil }
        var seconds = 0
        if parts.count == 2 {
            guard let match = parts[1].wholeMatch(of: /([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?/),
                let hour = Int(match.1), let minute = Int(match.2), let second = Int(match.3 ?? "0"),
                hour < 24, minute < 60, second < 60
            else { return nil }
            seconds = hour * 3_600 + minute * 60 + second
        } else if argument.hasSuffix("Z") {
            return nil
        }
        milliseconds = (Int64(day.dayNumber) * 86_400 + Int64(seconds)) * 1_000
    }
}

extension Skew: ExpressibleByArgument {}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
