import PlainText

/// Where more producers stop to bring more records: the fewest that reach nine tenths of the greatest rate, among steps
/// that differ in their number alone. Pure.
package struct PerformanceKnee: Equatable, Sendable {
    /// The part of the greatest rate that counts as having reached it: what remains is within what two runs differ by.
    static let reachedShare = 0.9

    /// The steps of the best settings, fewest producers first.
    private let series: [PerformanceMeasurement]
    /// What tells these settings from others, in words; `nil` where there are no others.
    private let settings: String?

    /// - Parameter measurements: of any settings; those that failed do not count.
    package init(_ measurements: [PerformanceMeasurement]) {
        let measured = measurements.filter { $0.records > 0 }
        let best = measured.max { $0.recordsPerSecond < $1.recordsPerSecond }
        series = measured.filter { step in best.map { step.settings.isOfSeries($0.settings) } ?? false }
            .sorted { $0.settings.producers < $1.settings.producers }
        settings = series.count < measured.count ? series[0].settings.words(among: measured.map(\.settings)) : nil
    }

    /// The step at the knee; `nil` where the rate still grows at the most producers, or only one number was measured.
    package var step: PerformanceMeasurement? {
        guard series.count > 1, let found = first, found != series.last else { return nil }
        return found
    }

    private var greatest: Double { series.map(\.recordsPerSecond).max() ?? 0 }
    private var first: PerformanceMeasurement? {
        series.first { $0.recordsPerSecond >= Self.reachedShare * greatest }
    }

    /// It in one sentence.
    package var sentence: String {
        guard let last = series.last else { return "No record was acknowledged, so there is no knee to find." }
        let setting = settings.map { " with \($0)" } ?? ""
        guard series.count > 1 else {
            return
                "\(Self.producers(last)) reached \(Self.rate(last.recordsPerSecond))\(setting); measure several numbers "
                + "of producers to find the knee, such as --producers 1-8."
        }
        guard let step else {
            return "There is no knee up to \(Self.producers(last)): the rate still grows, to "
                + "\(Self.rate(last.recordsPerSecond))\(setting); measure more with --producers."
        }
        let share = NumberText.decimal(100 * step.recordsPerSecond / greatest, decimals: 0)
        let reached =
            step.recordsPerSecond == greatest
            ? "the greatest rate" : "\(share) % of the greatest rate, \(Self.rate(greatest))"
        let latency = step.latencyMilliseconds.map { ", p99 \(NumberText.decimal($0.p99, decimals: 1)) ms" } ?? ""
        return "The knee is at \(Self.producers(step)): \(Self.rate(step.recordsPerSecond)) (\(reached))\(latency)"
            + "\(setting); more producers bring waiting, not records."
    }

    private static func rate(_ value: Double) -> String { "\(NumberText.whole(Int(value.rounded()))) records/s" }

    private static func producers(_ step: PerformanceMeasurement) -> String {
        NumberText.count(step.settings.producers, "producer")
    }
}
