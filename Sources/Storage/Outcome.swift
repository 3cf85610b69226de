/// What a system call gave: a value, or the number of its error.
package enum Outcome<Value> {
    case success(Value)
    case failure(Int32)
}
