import Analysis
import PlainText

/// The cost of every k, with the chosen one marked.
struct ElbowChart {
    let segmentation: Segmentation

    var svg: String {
        var frame = ChartFrame()
        frame.height = 420
        let costs = segmentation.costs
        let y = LinearScale(
            upTo: costs.map(\.cost).max() ?? 0,
            ticks: 5,
            from: frame.plotBottom,
            to: frame.plotTop
        )
        let first = Double(costs.first?.k ?? 2)
        let last = max(first + 1, Double(costs.last?.k ?? 3))
        let x = LinearScale(
            lower: first,
            upper: last,
            step: (((last - first) / 12).rounded(.up)),
            start: frame.plotLeft + 16,
            end: frame.plotRight - 10
        )
        let description = costs.map { "k \($0.k): \(NumberText.decimal($0.cost, decimals: 0))" }.joined(separator: ", ")
        return frame.chart(
            id: "elbow",
            title: "Cost of k-means by number of segments; k = \(segmentation.chosenK) was chosen",
            description: description
        ) { canvas in
            frame.verticalAxis(y, name: "cost (squared distance to the centre, summed)", &canvas)
            frame.horizontalAxis(x, name: "number of segments k", &canvas)
            draw(costs, x, y, frame, &canvas)
        }
    }

    private func draw(
        _ costs: [Segmentation.Cost],
        _ x: LinearScale,
        _ y: LinearScale,
        _ frame: ChartFrame,
        _ canvas: inout SVGCanvas
    ) {
        let places = costs.map { (k: $0.k, x: x.place(Double($0.k)), y: y.place($0.cost), cost: $0.cost) }
        if let first = places.first, let last = places.last, segmentation.isElbowClear {
            canvas.line(from: (first.x, first.y), to: (last.x, last.y), style: "chord")
        }
        let points = places.map { "\(SVGText.coordinate($0.x)),\(SVGText.coordinate($0.y))" }.joined(separator: " ")
        canvas.add("polyline", [("class", "curve"), ("points", points)])
        for place in places {
            let isChosen = place.k == segmentation.chosenK
            if isChosen {
                canvas.line(from: (place.x, place.y), to: (place.x, frame.plotBottom), style: "chosen-line")
            }
            canvas.group(
                "circle",
                [
                    ("class", isChosen ? "chosen" : "dot"),
                    ("cx", SVGText.coordinate(place.x)), ("cy", SVGText.coordinate(place.y)),
                    ("r", isChosen ? "8" : "4.5"),
                ]
            ) { $0.add("title", [], text: "k = \(place.k): \(NumberText.decimal(place.cost, decimals: 0))") }
            if isChosen {
                let isLate = place.x > frame.plotRight - 120
                canvas.text(
                    "k = \(place.k) chosen",
                    x: place.x + (isLate ? -12 : 12),
                    y: place.y - 14,
                    anchor: isLate ? "end" : "start",
                    style: "mark"
                )
            }
        }
    }
}
