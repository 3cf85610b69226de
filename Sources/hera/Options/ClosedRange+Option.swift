import ArgumentParser

extension ClosedRange<Int> {
    /// Throws a usage error where the value of `option` is given and not one of these.
    func check(_ option: String, _ value: Int?) throws(ValidationError) {
        guard let value, !contains(value) else { return }
        throw ValidationError("\(option) is \(value); it is a number from \(lowerBound) to \(upperBound)")
    }
}
