import Report
import Testing

@Suite struct LinearScaleTests {
    /// A greatest value, and the labels of its axis with about five ticks.
    static let axes: [(Double, [String])] = [
        (0, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (3, ["0", "1", "2", "3"]),
        (7.3, ["0", "2", "4", "6", "8"]),
        (0.03, ["0", "0.01", "0.02", "0.03"]),
        (48.2, ["0", "10", "20", "30", "40", "50"]),
        (2821, ["0", "1k", "2k", "3k"]),
        (1001, ["0", "500", "1,000", "1,500"]),
        (50_000, ["0", "10k", "20k", "30k", "40k", "50k"]),
        (12_345_678, ["0", "5M", "10M", "15M"]),
        (.infinity, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (.nan, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ]

    @Test(arguments: axes)
    func ticksAreRound(greatest: Double, labels: [String]) {
        let scale = LinearScale(upTo: greatest, ticks: 5, from: 0, to: 100)
        #expect(scale.ticks.map(scale.label) == labels)
    }

    @Test func countsHaveWholeTicks() {
        let scale = LinearScale(upTo: 2, ticks: 5, from: 0, to: 100, isWhole: true)
        #expect(scale.ticks == [0, 1, 2])
    }

    @Test func everyValueFindsItsPlace() {
        let scale = LinearScale(lower: 0, upper: 100, step: 25, start: 300, end: 40)
        #expect([0, 50, 100].map(scale.place) == [300, 170, 40])
        #expect(scale.ticks == [0, 25, 50, 75, 100])
    }

    @Test func greatestValueIsAlwaysOnTheAxis() {
        for exponent in -6...12 {
            for digit in 1...99 {
                var greatest = Double(digit)
                for _ in 0..<abs(exponent) { greatest = exponent < 0 ? greatest / 10 : greatest * 10 }
                let scale = LinearScale(upTo: greatest, ticks: 5, from: 0, to: 100)
                #expect(scale.upper >= greatest * (1 - 1e-9))
                #expect((3...11).contains(scale.ticks.count), "\(greatest): \(scale.ticks.count) ticks")
            }
        }
    }
}
