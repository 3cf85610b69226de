import Analysis
import ExactValues
import PlainText

/// Events over time, partners, ages, provinces and sexes.
struct ActivityContent {
    let analysis: Analysis

    var lead: String {
        "When events were filed, who gave the tokens, and who the users are. "
            + "Times are those of the raw zone’s directories, in the sink’s time zone."
    }

    var figures: [PageFigure] {
        [timeline, partners, ages].compactMap { $0 }
    }

    private var timeline: PageFigure? {
        let chart = TimelineChart(analysis.timeline)
        guard let peak = chart.peak else { return nil }
        let isHourly = peak.time.hour != nil
        let total = NumberText.whole(TimelineChart.total(peak))
        return PageFigure(
            title: isHourly ? "Events by hour" : "Events by day",
            takeaway: analysis.timeline.count == 1
                ? "All \(total) events came \(isHourly ? "in one hour" : "on one day"), \(CalendarText.full(peak.time))."
                : "The busiest \(isHourly ? "hour" : "day"), \(CalendarText.full(peak.time)), had \(total) events.",
            svg: chart.svg,
            legend: [
                (Self.swatch(1), "behaviours"), (Self.swatch(2), "prizes"), (Self.swatch(3), "new users"),
            ]
        )
    }

    private var partners: PageFigure? {
        let named = analysis.partners.filter { !CategoryName.isReserved($0.partner) }
        guard let first = named.max(by: { $0.rewards.amount < $1.rewards.amount }) ?? analysis.partners.first
        else { return nil }
        return PageFigure(
            title: "Rewards and prizes by partner",
            takeaway: "\(PartnerName.readable(first.partner)) gave \(NumberText.roundTokens(first.rewards.amount)) to "
                + "\(NumberText.count(first.earners, "user")).",
            svg: PartnerChart(partners: analysis.partners).svg,
            legend: [(Self.swatch(1), "given as rewards"), (Self.swatch(2), "taken for prizes")]
        )
    }

    private var ages: PageFigure? {
        let chart = AgeChart(ages: analysis.ages)
        guard let peak = chart.peak, let mean = analysis.population.meanAge else { return nil }
        return PageFigure(
            title: "Users by age",
            takeaway: "The mean age is \(NumberText.decimal(mean, decimals: 1)) years; most users, "
                + "\(NumberText.whole(peak.users)), are \(AgeChart.years(peak)).",
            svg: chart.svg
        )
    }

    /// A square in the colour of a series of bars.
    private static func swatch(_ number: Int) -> String {
        var canvas = SVGCanvas()
        canvas.group("svg", [("class", "icon"), ("viewBox", "0 0 14 14"), ("aria-hidden", "true")]) {
            $0.add("rect", [("class", "s\(number)"), ("width", "14"), ("height", "14"), ("rx", "2")])
        }
        return canvas.markup
    }

    /// Most values of a field that the page lists.
    private static let valuesShown = 50

    var tables: [PageTable] {
        let shown = [("Provincia", analysis.provinces), ("Sesso", analysis.sexes)]
        let rows = shown.flatMap { field, counts in counts.prefix(Self.valuesShown).map { row(field, $0) } }
        let hidden = shown.reduce(0) { $0 + max(0, $1.1.count - Self.valuesShown) }
        guard !rows.isEmpty else { return [] }
        return [
            PageTable(
                title: "Users by province and sex",
                caption: "Users with a record in utenti"
                    + (hidden > 0 ? "; \(NumberText.whole(hidden)) more values are in report.json." : "."),
                text: ["Field", "Value"],
                numbers: ["Users", "Share (%)"],
                rows: rows
            )
        ]
    }

    private func row(_ field: String, _ count: CategoryCount) -> [String] {
        let known = analysis.population.users - analysis.population.usersWithoutRecord
        let share = known > 0 ? 100 * Double(count.users) / Double(known) : 0
        return [field, count.name, NumberText.whole(count.users), NumberText.decimal(share, decimals: 1)]
    }
}
