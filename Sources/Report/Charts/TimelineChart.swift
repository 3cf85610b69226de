import Analysis
import PlainText

/// Events by hour or day, a stacked bar each.
struct TimelineChart {
    /// One kind of event in the stack.
    private struct Series {
        let name: String
        let style: String
        let count: (TimelineEntry) -> Int
    }

    /// Longest time that the axis shows without gaps left out, in bars.
    private static let barsMax = 400
    /// The least width that a day needs for its date beside its hours.
    private static let dateWidth = 80.0
    /// Widest bar, for few of them.
    private static let barWidthMax = 64.0

    let entries: [TimelineEntry]

    private let series = [
        Series(name: "behaviours", style: "s1", count: \.behaviours),
        Series(name: "prizes", style: "s2", count: \.prizes),
        Series(name: "new users", style: "s3", count: \.users),
    ]

    init(_ timeline: [TimelineEntry]) {
        entries = Self.filled(timeline)
    }

    /// The hours (or days) without events between those with some, so that the axis is even.
    private static func filled(_ timeline: [TimelineEntry]) -> [TimelineEntry] {
        guard let first = timeline.first, let last = timeline.last else { return [] }
        let perDay = first.time.hour == nil ? 1 : 24
        let start = first.time.dayNumber * perDay + (first.time.hour ?? 0)
        let end = last.time.dayNumber * perDay + (last.time.hour ?? 0)
        guard end - start < barsMax else { return timeline }
        var known: [CalendarHour: TimelineEntry] = [:]
        for entry in timeline { known[entry.time] = entry }
        return (start...end).map { slot in
            let hour = slot - first.time.dayNumber * perDay
            let day = CalendarHour(dayNumber: first.time.dayNumber + hour / perDay)
            let time = CalendarHour(
                year: day.year,
                month: day.month,
                day: day.day,
                hour: perDay == 24 ? hour % 24 : nil
            )
            return known[time] ?? TimelineEntry(time: time, users: 0, behaviours: 0, prizes: 0)
        }
    }

    /// The busiest hour or day.
    var peak: TimelineEntry? {
        entries.max { Self.total($0) < Self.total($1) }
    }

    static func total(_ entry: TimelineEntry) -> Int { entry.users + entry.behaviours + entry.prizes }

    var svg: String {
        let frame = ChartFrame()
        let most = entries.map(Self.total).max() ?? 0
        let y = LinearScale(
            upTo: Double(most),
            ticks: 5,
            from: frame.plotBottom,
            to: frame.plotTop,
            isWhole: true
        )
        let unit = entries.first?.time.hour == nil ? "day" : "hour"
        let totals = series.map { series in
            "\(NumberText.whole(entries.reduce(0) { $0 + series.count($1) })) \(series.name)"
        }
        return frame.chart(
            id: "timeline",
            title: "Events by \(unit)",
            description: "\(NumberText.count(entries.count, unit)) with \(NumberText.list(totals))."
        ) { canvas in
            frame.verticalAxis(y, name: "events per \(unit)", &canvas)
            draw(y, frame, &canvas)
        }
    }

    private func draw(_ y: LinearScale, _ frame: ChartFrame, _ canvas: inout SVGCanvas) {
        let slot = (frame.plotRight - frame.plotLeft) / Double(max(1, entries.count))
        let width = min(Self.barWidthMax, max(slot * 0.5, slot - 3))
        let isHourly = entries.first?.time.hour != nil
        let every = Self.labelDistance(slot: slot, isHourly: isHourly)
        for (index, entry) in entries.enumerated() {
            let middle = frame.plotLeft + slot * (Double(index) + 0.5)
            var base = 0
            for series in series where series.count(entry) > 0 {
                let count = series.count(entry)
                let low = y.place(Double(base))
                base += count
                canvas.bar(
                    x: middle - width / 2,
                    y: y.place(Double(base)),
                    width: width,
                    height: low - y.place(Double(base)),
                    style: series.style,
                    title: "\(CalendarText.full(entry.time)): \(NumberText.whole(count)) \(series.name)"
                )
            }
            // The hour below its bar; the date where a day begins. Or the date alone.
            if isHourly, slot * 24 <= Self.dateWidth {
                drawDate(of: entry, at: index, slot, frame, &canvas)
                continue
            }
            if index % every == 0 {
                let text = isHourly ? CalendarText.hour(entry.time) : CalendarText.day(entry.time)
                canvas.text(text, x: middle, y: frame.plotBottom + 21, anchor: "middle", style: "tick")
            }
            if isHourly, showsDay(at: index, slot) {
                let x = frame.plotLeft + slot * Double(index)
                canvas.line(from: (x, frame.plotBottom), to: (x, frame.height - 6), style: "axis")
                canvas.text(CalendarText.day(entry.time), x: x + 6, y: frame.height - 8, style: "name")
            }
        }
    }

    /// The date below the middle of its day, where days are too narrow for hours; not of every day where they are narrower
    /// than a date, nor of one that the chart cuts off.
    private func drawDate(
        of entry: TimelineEntry,
        at index: Int,
        _ slot: Double,
        _ frame: ChartFrame,
        _ canvas: inout SVGCanvas
    ) {
        guard entry.time.hour == 0 else { return }
        let begin = frame.plotLeft + slot * Double(index)
        canvas.line(from: (begin, frame.plotBottom), to: (begin, frame.plotBottom + 6), style: "axis")
        let every = max(1, Int((62 / (slot * 24)).rounded(.up)))
        let middle = begin + slot * 12
        guard entry.time.dayNumber.isMultiple(of: every), middle + 24 <= frame.plotRight else { return }
        canvas.text(
            CalendarText.day(entry.time),
            x: middle,
            y: frame.plotBottom + 21,
            anchor: "middle",
            style: "tick"
        )
    }

    /// Bars from one label to the next; a label is about 62 units wide.
    private static func labelDistance(slot: Double, isHourly: Bool) -> Int {
        let least = max(1, Int((62 / slot).rounded(.up)))
        guard isHourly else { return least }
        return [1, 2, 3, 4, 6, 12, 24, 48].first { $0 >= least } ?? least
    }

    /// A date stands where its day begins, and at the first bar, unless the next day or the end is too near.
    private func showsDay(at index: Int, _ slot: Double) -> Bool {
        guard index == 0 || entries[index].time.hour == 0 else { return false }
        let next = entries.dropFirst(index + 1).firstIndex { $0.time.hour == 0 } ?? entries.count
        return index == 0 && next == entries.count || Double(next - index) * slot > Self.dateWidth
    }
}
