/// Gives equal values one small number, so that a state is a few numbers.
struct Interner<Value: Hashable> {
    private var numbers: [Value: UInt32] = [:]
    private(set) var values: [Value] = []

    /// The number of `value`, and whether it is new.
    mutating func number(of value: Value) -> (number: UInt32, isNew: Bool) {
        if let known = numbers[value] { return (known, false) }
        let number = UInt32(values.count)
        numbers[value] = number
        values.append(value)
        return (number, true)
    }

    subscript(number: UInt32) -> Value { values[Int(number)] }
}
