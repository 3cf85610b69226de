/// The area of a chart and what all charts have: a title, a description, axes with grid lines and names.
///
/// Units are those of the view box; the page scales a chart to its column. Margins have room for the larger letters
/// that the style sheet uses on narrow screens.
package struct ChartFrame: Sendable {
    package var width = 560.0
    package var height = 340.0
    package var top = 40.0
    package var right = 18.0
    package var bottom = 56.0
    package var left = 62.0

    package init() {}

    /// Edges of the plot within the margins.
    package var plotLeft: Double { left }
    package var plotRight: Double { width - right }
    package var plotTop: Double { top }
    package var plotBottom: Double { height - bottom }

    /// The whole picture: `id` is unique in the page; title and description are read out to who cannot see it.
    package func chart(id: String, title: String, description: String, _ content: (inout SVGCanvas) -> Void) -> String {
        var canvas = SVGCanvas()
        canvas.group(
            "svg",
            [
                ("class", "chart"), ("viewBox", "0 0 \(SVGText.coordinate(width)) \(SVGText.coordinate(height))"),
                ("role", "img"), ("aria-labelledby", "\(id)-title \(id)-description"),
            ]
        ) {
            $0.add("title", [("id", "\(id)-title")], text: title)
            $0.add("desc", [("id", "\(id)-description")], text: description)
            content(&$0)
        }
        return canvas.markup
    }

    /// A vertical axis with grid lines; its name stands above it.
    package func verticalAxis(_ scale: LinearScale, name: String, _ canvas: inout SVGCanvas) {
        for tick in scale.ticks {
            let y = scale.place(tick)
            let style = tick == scale.lower ? "axis" : "grid"
            canvas.line(from: (plotLeft, y), to: (plotRight, y), style: style)
            canvas.text(scale.label(tick), x: plotLeft - 8, y: y + 4.5, anchor: "end", style: "tick")
        }
        canvas.text(name, x: 2, y: plotTop - 22, style: "name")
    }

    /// A horizontal axis of numbers; its name stands below it, at the right.
    package func horizontalAxis(_ scale: LinearScale, name: String, _ canvas: inout SVGCanvas) {
        for tick in scale.ticks {
            let x = scale.place(tick)
            canvas.line(from: (x, plotBottom), to: (x, plotBottom + 5), style: "axis")
            canvas.text(scale.label(tick), x: x, y: plotBottom + 21, anchor: "middle", style: "tick")
        }
        horizontalName(name, &canvas)
    }

    /// The name of the horizontal axis.
    package func horizontalName(_ name: String, _ canvas: inout SVGCanvas) {
        canvas.text(name, x: plotRight, y: height - 8, anchor: "end", style: "name")
    }
}
