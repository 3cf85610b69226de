/// Which values of its type a setting may have.
package struct ConfigurationRule: Sendable {
    /// What is wrong with a value of the right type, in words that follow the value; `nil` where it is allowed.
    package let problem: @Sendable (_ value: String) -> String?

    package init(problem: @escaping @Sendable (_ value: String) -> String?) {
        self.problem = problem
    }

    /// Whole numbers within `range`.
    package static func within(_ range: ClosedRange<Int64>) -> Self {
        Self { value in
            guard let number = Int64(value), !range.contains(number) else { return nil }
            if number < range.lowerBound { return "is less than \(range.lowerBound)" }
            return "is more than \(range.upperBound)"
        }
    }

    /// Whole numbers from `least` on.
    package static func atLeast(_ least: Int64) -> Self {
        within(least...Int64.max)
    }

    /// One of `words`; letters' case counts.
    package static func oneOf(_ words: [String]) -> Self {
        Self { value in
            words.contains(value) ? nil : "is none of \(words.joined(separator: ", "))"
        }
    }

    /// Text with at least one character, lists with at least one word.
    package static let notEmpty = Self { value in
        value.allSatisfy { $0 == " " || $0 == "," } ? "is empty" : nil
    }
}
