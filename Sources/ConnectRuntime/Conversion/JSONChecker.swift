import CSimdJSON

/// Says whether bytes are one JSON object, with simdjson. Belongs to one worker at a time.
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
        csimdjson_check_object(checker, text.assumingMemoryBound(to: UInt8.self), length)
    }

    /// Removes the white space outside strings from the valid JSON at `text`, in place.
    ///
    /// - Returns: the new length; `nil` where there is no memory, the text is then unchanged.
    func minify(_ text: UnsafeMutableRawPointer, length: Int) -> Int? {
        let shortened = csimdjson_minify(checker, text.assumingMemoryBound(to: UInt8.self), length)
        return shortened == 0 ? nil : shortened
    }
}
