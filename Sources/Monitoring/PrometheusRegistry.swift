package import CoreMetrics
import Synchronization

/// Keeps what the stages count, and says it in Prometheus's text format 0.0.4:
///
///     # TYPE hera_ingestor_requests_total counter
///     hera_ingestor_requests_total{api="produce"} 1027
///
/// A series is a name with its labels. Counters and gauges are one number; recorders that aggregate are a summary without
/// quantiles, a sum and a count; timers are a histogram. A timer is in seconds, or in milliseconds where its name ends with
/// `ms`, as those of Kafka do. Recording takes no lock that another series takes as well.
package final class PrometheusRegistry: MetricsFactory {
    package enum Limits {
        /// Series beyond these are counted, but not shown: labels come from bounded sets, so it is a fault if there are
        /// so many.
        package static let seriesMax = 10_000
    }

    private struct Key: Hashable {
        let name: String
        /// As they stand between the braces.
        let labels: String
    }

    private let series = Mutex<[Key: any Series]>([:])
    private let seriesMax: Int

    package init(seriesMax: Int = Limits.seriesMax) {
        self.seriesMax = seriesMax
    }

    /// The content type of ``text``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All series, by name and labels.
    package var text: String {
        let all = series.withLock { $0 }.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }
        var text = ""
        var name = ""
        for (key, series) in all {
            if key.name != name { text += "# TYPE \(key.name) \(series.kind)\n" }
            name = key.name
            let labels = key.labels.isEmpty ? "" : "{\(key.labels)}"
            for sample in series.samples {
                let labels = sample.label.map { key.labels.isEmpty ? "{\($0)}" : "{\(key.labels),\($0)}" } ?? labels
                text += "\(key.name)\(sample.suffix)\(labels) \(sample.value)\n"
            }
        }
        return text
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        take(label, dimensions) { CounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        take(label, dimensions) { GaugeSeries() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return take(label, dimensions) { SummarySeries() } }
        return take(label, dimensions) { GaugeSeries() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        take(label, dimensions) { HistogramSeries(isInMilliseconds: label.hasSuffix("ms")) }
    }

    // Series stay for as long as the program runs: a counter that went away and came back would begin at 0 again.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The series of this name and these labels, made where there is none.
    private func take<Made: Series>(_ label: String, _ dimensions: [(String, String)], _ make: () -> Made) -> Made {
        let key = Key(name: Self.name(label), labels: Self.labels(dimensions))
        return series.withLock { series in
            if let known = series[key] as? Made { return known }
            let made = make()
            // A name that stands for another kind already, and series beyond the limit, are not shown.
            if series[key] == nil, series.count < seriesMax { series[key] = made }
            return made
        }
    }

    fileprivate static func name(_ text: String) -> String {
        let characters = text.unicodeScalars.map { scalar -> Character in
            let isAllowed =
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_:".unicodeScalars.contains(scalar))
            return isAllowed ? Character(scalar) : "_"
        }
        let name = String(characters)
        return name.first.map { $0.isNumber } ?? true ? "_" + name : name
    }

    fileprivate static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }.map { key, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name(key).replacing(":", with: "_"))=\"\(escaped)\""
        }.joined(separator: ",")
    }
}

/// One name with one set of labels.
private protocol Series: AnyObject, Sendable {
    /// Its type in the text.
    var kind: String { get }
    var samples: [Sample] { get }
}

/// What stands behind a name, a label of its own where it has one, and the value.
private typealias Sample = (suffix: String, label: String?, value: String)

private final class CounterSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)

    var kind: String { "counter" }
    var samples: [Sample] { [("", nil, "\(count.load(ordering: .relaxed))")] }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
}

private final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    var kind: String { "gauge" }
    var samples: [Sample] { [("", nil, number(value.withLock { $0 }))] }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

private final class SummarySeries: Series, RecorderHandler {
    private let total = Mutex((sum: 0.0, count: 0))

    var kind: String { "summary" }
    var samples: [Sample] {
        let total = total.withLock { $0 }
        return [("_sum", nil, number(total.sum)), ("_count", nil, "\(total.count)")]
    }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        total.withLock { total in
            total.sum += value
            total.count += 1
        }
    }
}

/// How many times took so long, from half a millisecond to ten seconds.
private final class HistogramSeries: Series, TimerHandler {
    private static let microseconds: [Int64] = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]

    /// How many are at most the bound in this place, and more than the one before; the last are beyond all.
    private let counts = Mutex((sum: Int64(0), buckets: [Int64](repeating: 0, count: microseconds.count + 1)))
    private let nanosecondsPerUnit: Double

    init(isInMilliseconds: Bool) {
        nanosecondsPerUnit = isInMilliseconds ? 1e6 : 1e9
    }

    var kind: String { "histogram" }
    var samples: [Sample] {
        let counts = counts.withLock { $0 }
        var count: Int64 = 0
        var samples = zip(Self.microseconds, counts.buckets).map { bound, more -> Sample in
            count += more
            return ("_bucket", "le=\"\(number(Double(bound) * 1e3 / nanosecondsPerUnit))\"", "\(count)")
        }
        count += counts.buckets[Self.microseconds.count]
        samples.append(("_bucket", "le=\"+Inf\"", "\(count)"))
        return samples + [
            ("_sum", nil, number(Double(counts.sum) / nanosecondsPerUnit)), ("_count", nil, "\(count)"),
        ]
    }

    func recordNanoseconds(_ duration: Int64) {
        let place = Self.microseconds.firstIndex { duration <= $0 * 1_000 } ?? Self.microseconds.count
        counts.withLock { counts in
            counts.sum &+= duration
            counts.buckets[place] += 1
        }
    }
}

/// Values that are measured when somebody asks, in the same text. Nothing of them is kept, so that what is gone is not shown
/// any more.
package struct MeasuredValues {
    package private(set) var text = ""

    package init() {}

    /// Adds gauges of one name, each with its labels.
    package mutating func add(_ name: String, _ values: some Sequence<(labels: [(String, String)], value: Double)>) {
        let name = PrometheusRegistry.name(name)
        text += "# TYPE \(name) gauge\n"
        for (labels, value) in values {
            let labels = PrometheusRegistry.labels(labels)
            text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(number(value))\n"
        }
    }
}

/// A number as Prometheus reads it.
private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
}
