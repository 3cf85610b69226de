import PlainText

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
