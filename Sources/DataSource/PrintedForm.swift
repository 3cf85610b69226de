/// How a dry run prints a record, one a line.
package enum PrintedForm: Sendable {
    /// Topic, key and value between tabs; `NULL` in place of a value that is not there.
    case text
    /// An object with `topic`, `key` and `value`, which is `null` where it is not there.
    case json
}
