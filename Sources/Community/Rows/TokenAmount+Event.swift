package import ExactValues

extension TokenAmount {
    /// Most tokens of one event. Ninety million such events fit a sum.
    package static let eventMax = TokenAmount(hundredths: 100_000_000_000)

    /// Reads an event's amount from the text of a JSON number.
    package init(json text: UnsafeRawBufferPointer) throws(FieldProblem) {
        guard let number = JSONDecimal(text) else { throw .notNumber }
        switch number.scaled(byPowerOfTen: 2) {
        case .whole(let hundredths): try self.init(ofEvent: hundredths)
        case .fraction: throw .moreThanTwoDecimals
        case .tooLarge: throw .amountOutOfRange
        }
    }

    /// An event's amount in whole tokens.
    init(tokens: Int64) throws(FieldProblem) {
        let (hundredths, overflow) = tokens.multipliedReportingOverflow(by: 100)
        if overflow { throw .amountOutOfRange }
        try self.init(ofEvent: hundredths)
    }

    private init(ofEvent hundredths: Int64) throws(FieldProblem) {
        guard (0...Self.eventMax.hundredths).contains(hundredths) else { throw .amountOutOfRange }
        self.init(hundredths: hundredths)
    }
}
