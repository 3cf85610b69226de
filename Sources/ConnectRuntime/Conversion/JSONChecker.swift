import CSimdJSON

/// Says whether bytes are one JSON value, with simdjson. Belongs to one runner at a time.
final class JSONChecker {
    private let checker: OpaquePointer

    /// `nil` where there is no memory for a parser.
    init?() {
        guard let checker = csimdjson_checker_create() else { return nil }
        self.checker = checker
    }

    deinit {
        csimdjson_checker_destroy(checker)
    }

    /// What the `length` bytes at `text` are.
    ///
    /// The pointer has to stay valid for `SinkRecords.paddingBytes` bytes behind the text, as simdjson reads in blocks.
    func check(_ text: UnsafeRawPointer, length: Int) -> csimdjson_verdict {
        csimdjson_check(checker, text.assumingMemoryBound(to: UInt8.self), length)
    }
}
