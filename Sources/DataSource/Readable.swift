/// Numbers for a person to read; the same in every locale.
enum Readable {
    /// A number with a comma between thousands.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var result = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// A number that is not negative, with `digits` places behind the point.
    static func decimal(_ number: Double, digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let (whole, part) = Int((number * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
        guard digits > 0 else { return count(whole) }
        let places = String(part)
        return "\(count(whole)).\(String(repeating: "0", count: digits - places.count))\(places)"
    }
}
