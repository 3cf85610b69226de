import Analysis
import PlainText

/// Users by age, a bar for each band of years.
struct AgeChart {
    let ages: [AgeBand]

    /// The band with most users.
    var peak: AgeBand? { ages.max { $0.users < $1.users } }

    var svg: String {
        let frame = ChartFrame()
        let y = LinearScale(
            upTo: Double(peak?.users ?? 0),
            ticks: 5,
            from: frame.plotBottom,
            to: frame.plotTop,
            isWhole: true
        )
        let description = ages.map { "\(Self.years($0)): \(NumberText.whole($0.users))" }.joined(separator: ", ")
        return frame.chart(id: "ages", title: "Users by age", description: description) { canvas in
            frame.verticalAxis(y, name: "users", &canvas)
            frame.horizontalName("age (years)", &canvas)
            let slot = (frame.plotRight - frame.plotLeft) / Double(max(1, ages.count))
            let every = max(1, Int((44 / slot).rounded(.up)))
            for (index, band) in ages.enumerated() {
                let left = frame.plotLeft + slot * Double(index)
                let top = y.place(Double(band.users))
                canvas.bar(
                    x: left + 1,
                    y: top,
                    width: slot - 2,
                    height: frame.plotBottom - top,
                    style: "s1",
                    title: "\(Self.years(band)) years: \(NumberText.count(band.users, "user"))"
                )
                if index % every == 0 {
                    canvas.line(from: (left, frame.plotBottom), to: (left, frame.plotBottom + 5), style: "axis")
                    canvas.text("\(band.from)", x: left, y: frame.plotBottom + 21, anchor: "middle", style: "tick")
                }
            }
        }
    }

    /// `20–24`.
    static func years(_ band: AgeBand) -> String { "\(band.from)–\(band.from + AgeBand.width - 1)" }
}
