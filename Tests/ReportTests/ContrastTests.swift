import Foundation
import Testing

@testable import Report

/// The colours of the style sheet against what is behind them (WCAG 2.2: 4.5 to 1 for text, 3 to 1 for marks).
@Suite struct ContrastTests {
    /// The colours of the light or the dark scheme.
    private func scheme(_ index: Int) throws -> [String: String] {
        let blocks = StyleSheet.text.matches(of: /:root\{color-scheme[^}]*\}|dark\)\{:root\{[^}]*\}/)
        #expect(blocks.count == 2)
        var colours: [String: String] = [:]
        for match in blocks[index].0.matches(of: /--([a-z0-9-]+):#([0-9a-f]{3,6})/) {
            let digits = String(match.2)
            colours[String(match.1)] = digits.count == 3 ? digits.map { "\($0)\($0)" }.joined() : digits
        }
        return colours
    }

    private func luminance(_ colour: String) throws -> Double {
        let number = try #require(Int(colour, radix: 16))
        let parts = [16, 8, 0].map { shift -> Double in
            let value = Double((number >> shift) & 255) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    private func contrast(_ one: String, _ other: String, _ colours: [String: String]) throws -> Double {
        let values = try [one, other].map { try luminance(try #require(colours[$0], "\($0)")) }.sorted()
        return (values[1] + 0.05) / (values[0] + 0.05)
    }

    @Test(arguments: [0, 1])
    func textsCanBeRead(index: Int) throws {
        let colours = try scheme(index)
        for text in ["ink", "soft", "accent"] {
            for ground in ["page", "card"] {
                #expect(try contrast(text, ground, colours) >= 4.5, "\(text) on \(ground)")
            }
        }
        #expect(try contrast("ink", "warn-page", colours) >= 4.5)
    }

    @Test(arguments: [0, 1])
    func marksCanBeSeen(index: Int) throws {
        let colours = try scheme(index)
        for number in 1...Marker.colours {
            #expect(try contrast("s\(number)", "card", colours) >= 3, "s\(number)")
        }
    }
}
