import Analysis
import ExactValues
import PlainText

/// `TOT_tk_guadagnati` against the focus partner's fidelity, a marker a user, by segment: the original's picture.
struct ScatterChart {
    let segmentation: Segmentation

    var svg: String {
        var frame = ChartFrame()
        frame.height = 420
        let fidelity = segmentation.focusPartner + "_FIDELITY(%)"
        let most = segmentation.scatter.map(\.earned.tokens).max() ?? 0
        let x = LinearScale(upTo: most, ticks: 6, from: frame.plotLeft, to: frame.plotRight)
        let y = LinearScale(lower: 0, upper: 100, step: 25, start: frame.plotBottom, end: frame.plotTop)
        let description =
            "\(NumberText.count(segmentation.scatter.count, "user")) of \(NumberText.whole(segmentation.users)), "
            + "by tokens earned and share earned with \(segmentation.focusPartner). "
            + segmentation.segments.map {
                "Segment \($0.number), \($0.name): on average \(Self.centre($0, segmentation))."
            }
            .joined(separator: " ")
        return frame.chart(
            id: "scatter",
            title: "TOT_tk_guadagnati against \(fidelity), by segment",
            description: description
        ) { canvas in
            canvas.group("defs", []) { defs in
                for segment in segmentation.segments {
                    defs.add("path", [("id", "m\(segment.number)"), ("d", Marker(number: segment.number).path)])
                }
            }
            frame.verticalAxis(y, name: fidelity, &canvas)
            frame.horizontalAxis(x, name: "TOT_tk_guadagnati (tk)", &canvas)
            for segment in segmentation.segments.reversed() { points(of: segment, x, y, &canvas) }
            for segment in segmentation.segments { label(segment, x, y, &canvas) }
        }
    }

    private func points(of segment: CustomerSegment, _ x: LinearScale, _ y: LinearScale, _ canvas: inout SVGCanvas) {
        canvas.group("g", [("class", "points \(Marker(number: segment.number).style)")]) { group in
            for point in segmentation.scatter where point.segment == segment.number {
                group.add(
                    "use",
                    [
                        ("href", "#m\(segment.number)"),
                        ("x", SVGText.coordinate(x.place(point.earned.tokens))),
                        ("y", SVGText.coordinate(y.place(point.fidelity))),
                    ]
                )
            }
        }
    }

    /// The segment's number, at the mean of its users.
    private func label(_ segment: CustomerSegment, _ x: LinearScale, _ y: LinearScale, _ canvas: inout SVGCanvas) {
        let place = (x: x.place(segment.meanEarned), y: y.place(Self.fidelity(segment, segmentation)))
        canvas.add(
            "circle",
            [("class", "badge"), ("cx", SVGText.coordinate(place.x)), ("cy", SVGText.coordinate(place.y)), ("r", "12")]
        )
        canvas.text("\(segment.number)", x: place.x, y: place.y + 5, anchor: "middle", style: "badge-text")
    }

    private static func fidelity(_ segment: CustomerSegment, _ segmentation: Segmentation) -> Double {
        segment.fidelity.first { ExactText($0.partner) == ExactText(segmentation.focusPartner) }?.mean ?? 0
    }

    private static func centre(_ segment: CustomerSegment, _ segmentation: Segmentation) -> String {
        "\(NumberText.decimal(segment.meanEarned, decimals: 1)) tk and "
            + NumberText.percent(fidelity(segment, segmentation))
    }
}
