import ArgumentParser
import DataSource
import KafkaClient

/// Values on the command line between commas: `1,2,4`. One that is given twice counts once.
protocol ArgumentList: ExpressibleByArgument {
    associatedtype Value: Hashable

    init(_ values: [Value])

    /// The values that one piece stands for; `nil`: it is none.
    static func values(of piece: String) -> [Value]?
}

extension ArgumentList {
    init?(argument: String) {
        var values: [Value] = []
        for piece in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let some = Self.values(of: String(piece)) else { return nil }
            values += some.filter { !values.contains($0) }
        }
        self.init(values)
    }
}

/// Whole numbers; `1-8` is all from 1 to 8.
struct NumberList: ArgumentList {
    /// The most numbers that a range stands for.
    private static let rangeMax = 1_000

    let values: [Int]

    init(_ values: [Int]) {
        self.values = values
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }

    static func values(of piece: String) -> [Int]? {
        if let number = Int(piece) { return [number] }
        let ends = piece.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last, last - first < rangeMax
        else { return nil }
        return Array(first...last)
    }
}

/// Acknowledgements: `all`, `1`, `0`.
struct AcksList: ArgumentList {
    let values: [ProducerConfiguration.Acknowledgements]

    init(_ values: [ProducerConfiguration.Acknowledgements]) {
        self.values = values
    }

    var defaultValueDescription: String { values.map(\.rawValue).joined(separator: ",") }

    static func values(of piece: String) -> [ProducerConfiguration.Acknowledgements]? {
        ProducerConfiguration.Acknowledgements(rawValue: piece).map { [$0] }
    }
}

/// Names of codecs.
struct CodecList: ArgumentList {
    private static let names: Set<String> = ["none", "gzip", "snappy", "lz4", "zstd"]

    let values: [String]

    init(_ values: [String]) {
        self.values = values
    }

    var defaultValueDescription: String { values.joined(separator: ",") }

    static func values(of piece: String) -> [String]? { names.contains(piece) ? [piece] : nil }
}

/// Lengths of time.
struct TimeList: ArgumentList {
    let values: [Duration]

    init(_ values: [Duration]) {
        self.values = values
    }

    var defaultValueDescription: String { values.map(\.shortText).joined(separator: ",") }

    static func values(of piece: String) -> [Duration]? { Duration(text: piece).map { [$0] } }
}

extension ClosedRange<Duration> {
    /// Throws a usage error where the value of `option` is not one of these.
    func check(_ option: String, _ value: Duration) throws(ValidationError) {
        guard !contains(value) else { return }
        throw ValidationError(
            "\(option) is \(value.shortText); it is a time from \(lowerBound.shortText) to \(upperBound.shortText)"
        )
    }
}
