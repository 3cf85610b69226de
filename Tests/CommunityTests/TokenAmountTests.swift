import ExactValues
import Foundation
import PipelineTesting
import Testing

@testable import Community

@Suite struct TokenAmountTests {
    private func read(_ text: String) throws -> Int64 {
        try Array(text.utf8).withUnsafeBytes { try TokenAmount(json: $0).hundredths }
    }

    static let accepted: [(String, Int64)] = [
        ("1.6", 160), ("1.60", 160), ("1.6000000000000000000000", 160), ("16e-1", 160), ("0.16E+1", 160),
        ("160e-2", 160),
        ("0", 0), ("-0", 0), ("-0.00", 0), ("0e400", 0), ("0e-400", 0), ("1e2", 10_000), ("1E9", 100_000_000_000),
        ("0.29", 29), ("1.15", 115), ("33.33", 3_333), ("999999999.99", 99_999_999_999), ("0.01", 1), ("1e-2", 1),
        ("10", 1_000), ("100000000000000000000e-20", 100),
        // What binary floating point makes of hundredths.
        ("0.30000000000000004", 30), ("2.8499999999999996", 285), ("1.1500000000000001", 115),
        ("4.3499999999999996447", 435),
        ("999999999.99000001", 99_999_999_999),
    ]

    @Test(arguments: accepted)
    func hundredthsAreReadExactly(text: String, hundredths: Int64) throws {
        #expect(try read(text) == hundredths)
    }

    static let refused: [(String, FieldProblem)] = [
        ("1.005", .moreThanTwoDecimals), ("0.001", .moreThanTwoDecimals), ("1e-3", .moreThanTwoDecimals),
        ("1e-400", .moreThanTwoDecimals), ("0.125", .moreThanTwoDecimals), ("1.00000000000001", .moreThanTwoDecimals),
        ("-0.01", .amountOutOfRange), ("-5", .amountOutOfRange), ("1000000000.01", .amountOutOfRange),
        ("1e10", .amountOutOfRange), ("1e300", .amountOutOfRange), ("1e99999999999999999999", .amountOutOfRange),
        ("92233720368547758.08", .amountOutOfRange), ("18446744073709551616", .amountOutOfRange),
        ("", .notNumber), ("-", .notNumber), ("01", .notNumber), (".5", .notNumber), ("1.", .notNumber),
        ("1e", .notNumber), ("1e+", .notNumber), ("+1", .notNumber), ("1.2.3", .notNumber), ("1 ", .notNumber),
        ("NaN", .notNumber), ("Infinity", .notNumber), ("0x10", .notNumber), ("1,6", .notNumber), ("--1", .notNumber),
    ]

    @Test(arguments: refused)
    func otherNumbersAreRefused(text: String, problem: FieldProblem) {
        #expect(throws: problem) { try read(text) }
    }

    /// A double of hundredths, written as the shortest text or with 17 digits.
    @Test func hundredthsSurviveBinaryFloatingPoint() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let hundredths = Int64.random(in: 0...TokenAmount.eventMax.hundredths, using: &random)
            let tokens = Double(hundredths) / 100
            #expect(try read("\(tokens)") == hundredths, "seed \(seed)")
            #expect(try read(String(format: "%.17g", tokens)) == hundredths, "seed \(seed)")
        }
    }

    @Test func amountsOfTheSourceAreAccepted() throws {
        for behaviour in Behaviour.allCases {
            let text = PythonJSON.float(hundredths: behaviour.rewardHundredths)
            #expect(try read(text) == Int64(behaviour.rewardHundredths))
        }
        for price in PriceLevel.allCases { #expect(try read("\(price.tokens)") == Int64(price.hundredths)) }
    }

    @Test func limitsAreSaidAsTheyAre() {
        #expect(FieldProblem.amountOutOfRange.rawValue.contains("\(TokenAmount.eventMax.hundredths / 100) tk"))
        #expect(FieldProblem.tooLong.rawValue.contains("\(RowValue.textBytesMax) bytes"))
        #expect(FieldProblem.ageOutOfRange.rawValue.hasSuffix("\(RowValue.ageMax)"))
    }
}
