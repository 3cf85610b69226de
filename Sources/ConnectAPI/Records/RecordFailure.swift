/// A record of a batch that a converter or a transform could not handle.
package struct RecordFailure: Hashable, Sendable {
    /// The record's index in the batch.
    package let index: Int

    /// What is wrong with it, without the record's contents.
    package let message: String

    package init(index: Int, message: String) {
        self.index = index
        self.message = message
    }
}
