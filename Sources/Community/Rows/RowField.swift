package import ExactValues

/// A field of a topic's rows: its key in the JSON object and what it is read as.
package struct RowField: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case text
        case number
    }

    package let name: String
    package let kind: Kind

    package static func text(_ name: String) -> RowField { RowField(name: name, kind: .text) }
    package static func number(_ name: String) -> RowField { RowField(name: name, kind: .number) }
}

/// Why a row's field has no usable value. The words follow the field's name: `Eta is null`.
package enum FieldProblem: String, Error, CaseIterable, Comparable, Sendable {
    case missing = "is missing"
    case null = "is null"
    case empty = "is empty"
    case notText = "is not a text"
    case notNumber = "is not a number"
    case tooLong = "is longer than 1024 bytes"
    case moreThanTwoDecimals = "has more than two decimals"
    case amountOutOfRange = "is not from 0 to 1000000000 tk"
    case notWhole = "is not a whole number"
    case ageOutOfRange = "is not from 0 to 150"

    package static func < (left: FieldProblem, right: FieldProblem) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// What a row holds for a field. Texts and decimals point into the reader's memory and hold until the next line is read.
package enum RowValue {
    case missing
    case null
    /// Something else than the field is read as.
    case otherType
    case text(UnsafeRawBufferPointer)
    /// A number without point and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number, as it is written.
    case decimal(UnsafeRawBufferPointer)

    /// Longest text that is kept, in UTF-8 bytes.
    package static let textBytesMax = 1024
    /// Oldest age that is believed, in years.
    package static let ageMax: Int64 = 150

    /// A usable text: not empty and not longer than ``textBytesMax``.
    package func usableText() throws(FieldProblem) -> UnsafeRawBufferPointer {
        switch self {
        case .missing: throw .missing
        case .null: throw .null
        case .otherType, .integer, .decimal: throw .notText
        case .text(let bytes):
            if bytes.isEmpty { throw .empty }
            if bytes.count > Self.textBytesMax { throw .tooLong }
            return bytes
        }
    }

    /// An amount of tokens; see ``TokenAmount/init(json:)``.
    package func amount() throws(FieldProblem) -> TokenAmount {
        switch self {
        case .missing: throw .missing
        case .null: throw .null
        case .otherType, .text: throw .notNumber
        case .integer(let tokens): try TokenAmount(tokens: tokens)
        case .decimal(let text): try TokenAmount(json: text)
        }
    }

    /// An age in full years, however the number is written: 34, 34.0 or 3.4e1.
    package func age() throws(FieldProblem) -> Int16 {
        let years: Int64
        switch self {
        case .missing: throw .missing
        case .null: throw .null
        case .otherType, .text: throw .notNumber
        case .integer(let number): years = number
        case .decimal(let text):
            guard let number = JSONDecimal(text) else { throw .notNumber }
            switch number.scaled(byPowerOfTen: 0) {
            case .whole(let whole): years = whole
            case .fraction: throw .notWhole
            case .tooLarge: throw .ageOutOfRange
            }
        }
        guard (0...Self.ageMax).contains(years) else { throw .ageOutOfRange }
        return Int16(years)
    }
}

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
