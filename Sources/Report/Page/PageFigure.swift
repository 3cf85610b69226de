/// A chart of the page, with what it shows in a sentence.
struct PageFigure {
    struct LegendEntry {
        /// Markup of the marker.
        let icon: String
        let name: String
    }

    let title: String
    let takeaway: String
    /// Markup of the chart.
    let svg: String
    var legend: [LegendEntry] = []

    let hasLegend: Bool

    init(title: String, takeaway: String, svg: String, legend: [(icon: String, name: String)] = []) {
        self.title = title
        self.takeaway = takeaway
        self.svg = svg
        self.legend = legend.map { LegendEntry(icon: $0.icon, name: $0.name) }
        hasLegend = !legend.isEmpty
    }
}
