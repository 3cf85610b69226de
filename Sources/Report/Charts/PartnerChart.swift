import Analysis
import ExactValues
import PlainText

/// Tokens that each partner gave and took, two bars each.
struct PartnerChart {
    let partners: [PartnerTotals]

    var svg: String {
        let row = 74.0
        var frame = ChartFrame()
        frame.top = 12
        frame.left = 92
        frame.right = 92
        frame.height = max(200, frame.top + frame.bottom + row * Double(partners.count))
        let most = partners.flatMap { [$0.rewards.amount.tokens, $0.prizes.amount.tokens] }.max() ?? 0
        let x = LinearScale(upTo: most, ticks: 4, from: frame.plotLeft, to: frame.plotRight)
        let description = partners.map {
            "\($0.partner): \(NumberText.tokens($0.rewards.amount)) of rewards, "
                + "\(NumberText.tokens($0.prizes.amount)) of prizes"
        }
        return frame.chart(
            id: "partners",
            title: "Tokens given as rewards and taken for prizes, by partner",
            description: description.joined(separator: "; ") + "."
        ) { canvas in
            for tick in x.ticks {
                let style = tick == 0 ? "axis" : "grid"
                canvas.line(from: (x.place(tick), frame.plotTop), to: (x.place(tick), frame.plotBottom), style: style)
            }
            frame.horizontalAxis(x, name: "tokens (tk)", &canvas)
            for (index, partner) in partners.enumerated() {
                draw(partner, top: frame.plotTop + row * Double(index), row, x, frame, &canvas)
            }
        }
    }

    private func draw(
        _ partner: PartnerTotals,
        top: Double,
        _ row: Double,
        _ x: LinearScale,
        _ frame: ChartFrame,
        _ canvas: inout SVGCanvas
    ) {
        let height = 24.0
        canvas.text(
            Self.short(partner.partner),
            x: frame.plotLeft - 10,
            y: top + row / 2 + 5,
            anchor: "end",
            style: "label"
        )
        let bars = [("given as rewards", "s1", partner.rewards), ("taken for prizes", "s2", partner.prizes)]
        for (index, (name, style, totals)) in bars.enumerated() {
            let y = top + row / 2 + (index == 0 ? -height - 1 : 1)
            let end = x.place(totals.amount.tokens)
            canvas.bar(
                x: frame.plotLeft,
                y: y,
                width: end - frame.plotLeft,
                height: height,
                style: style,
                title: "\(partner.partner): \(NumberText.tokens(totals.amount)) \(name)"
            )
            let value = NumberText.decimal(totals.amount.tokens, decimals: 0)
            canvas.text(value, x: end + 7, y: y + height / 2 + 5, style: "value")
        }
    }

    /// A name that fits beside the bars; the whole one is in the table.
    static func short(_ name: String) -> String {
        name.count > 9 ? name.prefix(8) + "…" : name
    }
}
