/// Names one request that waits for its answer inside a group: given by the shell, handed back with the answer.
package struct ReplyToken: Hashable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }
}
