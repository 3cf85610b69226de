import Community

/// Which times the records of a run have.
package enum RecordTiming: Equatable, Sendable {
    /// That of their sending, which the producer gives them.
    case sending
    /// The run's own pace, beginning at another moment (milliseconds since 1970-01-01T00:00Z).
    case starting(at: Int64)
    /// All records of the run spread over a span, in their order.
    case spread(from: Int64, spanMilliseconds: Int64)

    /// The earliest time of a record: a second into 1970. Kafka's clients take 0 for no time.
    package static let startMin: Int64 = 1_000
    /// The latest beginning: 9000-01-01T00:00Z. Directories have years of four digits.
    package static let startMax: Int64 = 221_845_392_000_000
    /// The longest span: ten years. The ground truth has a row an hour.
    package static let spanMax: Int64 = 10 * 366 * 86_400_000
}

/// Gives records their times. Pure.
struct RecordTimes: Sendable {
    private let timing: RecordTiming
    private let isSending: Bool
    private let startedAtMilliseconds: Int64
    private var span: SpanCursor?

    /// - Parameters:
    ///   - total: how many records a spread is for, earlier runs' included.
    ///   - shape: how a spread is uneven.
    ///   - startedAtMilliseconds: when the run began.
    init(
        _ timing: RecordTiming = .sending,
        shape: RateShape = RateShape(),
        total: Int = 0,
        startedAtMilliseconds: Int64
    ) {
        self.timing = timing
        isSending = timing == .sending
        self.startedAtMilliseconds = startedAtMilliseconds
        if case .spread(let start, let length) = timing {
            span = SpanCursor(start: start, length: length, shape: shape, total: total)
        }
    }

    /// The time of a record, in milliseconds since 1970-01-01T00:00Z; `nil`: the producer gives it that of its sending.
    ///
    /// - Parameters:
    ///   - place: in the sequence; never goes back.
    ///   - elapsed: milliseconds since the run began.
    mutating func timestamp(of record: CommunityRecord, at place: Int, elapsed: Int64) -> Int64? {
        if isSending, record.dirt == nil { return nil }
        let lateness = record.latenessMilliseconds
        let base: Int64
        switch timing {
        case .sending:
            guard lateness > 0 else { return nil }
            base = startedAtMilliseconds + elapsed
        case .starting(let start): base = start + elapsed
        case .spread(let start, _): base = span?.time(at: place) ?? start
        }
        return max(RecordTiming.startMin, base - lateness)
    }

    /// Hours since 1970-01-01T00:00Z.
    static func hour(of milliseconds: Int64) -> Int32 { Int32(clamping: milliseconds / 3_600_000) }
}

/// Spreads records over a span so that as many lie in each stretch as its level says; their order is that of the sequence.
private struct SpanCursor: Sendable {
    private let start: Int64
    private let length: Int64
    private let shape: RateShape
    /// Levels times milliseconds, for each record.
    private let step: Double
    /// The stretch that the latest record lies in: its beginning, and the levels times milliseconds before it.
    private var begin: Int64 = 0
    private var before = 0.0
    private var stretch: RateShape.Stretch

    init(start: Int64, length: Int64, shape: RateShape, total: Int) {
        self.start = start
        self.length = length
        self.shape = shape
        var sum = 0.0
        var time: Int64 = 0
        while time < length {
            let stretch = shape.stretch(at: time, from: start)
            let end = min(stretch.end, length)
            sum += stretch.level * Double(end - time)
            time = end
        }
        step = sum / Double(max(1, total))
        stretch = shape.stretch(at: 0, from: start)
    }

    mutating func time(at place: Int) -> Int64 {
        let wanted = (Double(place) + 0.5) * step
        while true {
            let end = min(stretch.end, length)
            let weight = stretch.level * Double(end - begin)
            if wanted <= before + weight || end >= length {
                let inside = stretch.level > 0 ? Int64(max(0, wanted - before) / stretch.level) : 0
                return start + min(begin + inside, end - 1)
            }
            before += weight
            begin = end
            stretch = shape.stretch(at: begin, from: start)
        }
    }
}
