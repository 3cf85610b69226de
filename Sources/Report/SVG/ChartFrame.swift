import PlainText

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

    /// The whole picture: `id` is unique in the page; screen readers read title and description.
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

/// Maps numbers to places on an axis, evenly, with round ticks.
package struct LinearScale: Equatable, Sendable {
    package let lower: Double
    package let upper: Double
    /// Distance of the ticks.
    package let step: Double
    /// Places of `lower` and `upper`.
    package let start: Double
    package let end: Double

    /// A scale from 0 to a round number that is at least `greatest`, with about `ticks` steps of 1, 2 or 5 times a
    /// power of ten.
    package init(upTo greatest: Double, ticks: Int, from start: Double, to end: Double, isWhole: Bool = false) {
        let span = greatest.isFinite && greatest > 0 ? greatest : 1
        var step = Self.roundStep(atLeast: span / Double(max(1, ticks)))
        if isWhole { step = max(1, step) }
        self.init(lower: 0, upper: (span / step).rounded(.up) * step, step: step, start: start, end: end)
    }

    package init(lower: Double, upper: Double, step: Double, start: Double, end: Double) {
        precondition(lower < upper && step > 0, "a scale needs a range and a step")
        self.lower = lower
        self.upper = upper
        self.step = step
        self.start = start
        self.end = end
    }

    /// Where a number lies.
    package func place(_ value: Double) -> Double {
        start + (value - lower) / (upper - lower) * (end - start)
    }

    /// The ticks, as multiples of the step so that no rounding adds up.
    package var ticks: [Double] {
        let first = Int((lower / step).rounded(.up))
        let last = Int((upper / step + 1e-9).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// What stands at a tick: no more decimals than the step has, thousands as `k`, millions as `M`.
    package func label(_ tick: Double) -> String {
        if tick == 0 { return "0" }
        for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where upper >= 10 * unit || step >= unit {
            return NumberText.decimal(tick / unit, decimals: Self.decimals(step / unit)) + suffix
        }
        return NumberText.decimal(tick, decimals: Self.decimals(step))
    }

    /// Decimals that tell multiples of a step apart.
    private static func decimals(_ step: Double) -> Int {
        var decimals = 0
        var scaled = step
        while decimals < 6, abs(scaled - scaled.rounded()) > 1e-6 {
            scaled *= 10
            decimals += 1
        }
        return decimals
    }

    /// The least of 1, 2, 5 times a power of ten that is not below `least`.
    private static func roundStep(atLeast least: Double) -> Double {
        var exponent = 0
        while least >= power(exponent + 1), exponent < 300 { exponent += 1 }
        while least < power(exponent), exponent > -300 { exponent -= 1 }
        for factor in [1.0, 2, 5] where factor * power(exponent) >= least * (1 - 1e-12) {
            return factor * power(exponent)
        }
        return power(exponent + 1)
    }

    /// A power of ten; negative ones by division, so that 0.1 is 0.1.
    private static func power(_ exponent: Int) -> Double {
        var value = 1.0
        for _ in 0..<abs(exponent) { value *= 10 }
        return exponent < 0 ? 1 / value : value
    }
}
