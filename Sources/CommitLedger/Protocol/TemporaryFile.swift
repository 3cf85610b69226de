/// A file under a temporary name, and which takeover makes it rubbish.
package struct TemporaryFile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Lines of records, written by the writer of this epoch.
        case data(epoch: Int64)
        /// A commit record that was to get this sequence number.
        case record(sequence: Int64)
    }

    package let kind: Kind
    /// The path below the storage's root.
    package let path: String

    package init(kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }

    /// Whether nobody needs it once the writer of `epoch` has taken over.
    ///
    /// Data of an earlier epoch cannot be committed any more, and a record for a sequence number that is taken cannot
    /// get its name. What belongs to whoever comes after `epoch` stays.
    package func isRubbish(at epoch: Int64) -> Bool {
        switch kind {
        case .data(let of): of < epoch
        case .record(let sequence): sequence <= epoch
        }
    }
}
