import PlainText

/// Curves over whole numbers, a marker at each point, and the place that matters marked.
struct CurvesChart {
    /// The most curves that are drawn: as many as there are shapes of markers.
    static let curvesMax = 8

    /// Of the chart in its page.
    let number: Int
    let chart: PerformanceFigures.Chart

    /// Those that are drawn: the ones that reach highest, in the given order.
    private var curves: [PerformanceFigures.Curve] {
        let drawable = chart.curves.filter { !$0.points.isEmpty }
        guard drawable.count > Self.curvesMax else { return drawable }
        let kept = drawable.indices.sorted { Self.height(drawable[$0]) > Self.height(drawable[$1]) }
            .prefix(Self.curvesMax)
        return kept.sorted().map { drawable[$0] }
    }

    private static func height(_ curve: PerformanceFigures.Curve) -> Double { curve.points.map(\.y).max() ?? 0 }

    /// What is left out, in a sentence; `nil` where nothing is.
    var omission: String? {
        let left = chart.curves.count - curves.count
        return left > 0 ? "\(NumberText.count(left, "curve")) that reach less high are left out." : nil
    }

    var legend: [(icon: String, name: String)] {
        let curves = curves
        guard curves.count > 1 else { return [] }
        return curves.enumerated().map { (icon: Marker(number: $0 + 1).icon, name: $1.name) }
    }

    var svg: String {
        let curves = curves
        var frame = ChartFrame()
        frame.height = 400
        let points = curves.flatMap(\.points)
        let y = LinearScale(upTo: points.map(\.y).max() ?? 0, ticks: 5, from: frame.plotBottom, to: frame.plotTop)
        let x = LinearScale(
            upTo: points.map(\.x).max() ?? 1,
            ticks: 8,
            from: frame.plotLeft,
            to: frame.plotRight - 10,
            isWhole: true
        )
        let description = curves.map { curve in
            let values = curve.points.map {
                "\(NumberText.decimal($0.x, decimals: 0)): \(NumberText.decimal($0.y, decimals: 1))"
            }
            return "\(curve.name): \(values.joined(separator: ", "))."
        }
        return frame.chart(
            id: "curves\(number)",
            title: "\(chart.title), by \(chart.horizontal)",
            description: description.joined(separator: " ")
        ) { canvas in
            frame.verticalAxis(y, name: chart.vertical, &canvas)
            frame.horizontalAxis(x, name: chart.horizontal, &canvas)
            if let mark = chart.mark { draw(mark, x, y, frame, &canvas) }
            for (index, curve) in curves.enumerated() { draw(curve, Marker(number: index + 1), x, y, &canvas) }
        }
    }

    private func draw(
        _ curve: PerformanceFigures.Curve,
        _ marker: Marker,
        _ x: LinearScale,
        _ y: LinearScale,
        _ canvas: inout SVGCanvas
    ) {
        let places = curve.points.map { (x: SVGText.coordinate(x.place($0.x)), y: SVGText.coordinate(y.place($0.y))) }
        let line = places.map { "\($0.x),\($0.y)" }.joined(separator: " ")
        canvas.add("polyline", [("class", "curve line-\(marker.style)"), ("points", line)])
        for (place, point) in zip(places, curve.points) {
            canvas.group(
                "path",
                [("class", marker.style), ("d", marker.path), ("transform", "translate(\(place.x) \(place.y))")]
            ) {
                let value = NumberText.decimal(point.y, decimals: point.y < 1_000 ? 2 : 0)
                $0.add("title", [], text: "\(NumberText.decimal(point.x, decimals: 0)): \(value), \(curve.name)")
            }
        }
    }

    private func draw(
        _ mark: (point: PerformanceFigures.Point, text: String),
        _ x: LinearScale,
        _ y: LinearScale,
        _ frame: ChartFrame,
        _ canvas: inout SVGCanvas
    ) {
        let place = (x: x.place(mark.point.x), y: y.place(mark.point.y))
        canvas.line(from: place, to: (place.x, frame.plotBottom), style: "chosen-line")
        let isLate = place.x > frame.plotRight - 160
        canvas.text(
            mark.text,
            x: place.x + (isLate ? -10 : 10),
            y: frame.plotBottom - 10,
            anchor: isLate ? "end" : "start",
            style: "mark"
        )
    }
}
