/// The name of a file of a partition: an offset in 20 digits, so that names sort as offsets do, and what it holds.
struct LogFileName: Hashable, Sendable {
    static let digits = 20

    let offset: Int64
    let fileExtension: String

    init(_ offset: Int64, _ fileExtension: String) {
        self.offset = offset
        self.fileExtension = fileExtension
    }

    /// The parts of a name; `nil` for a name that is not a log file's.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == Self.digits, let offset = Int64(parts[0]),
            0...LogLimits.offsetMax ~= offset
        else {
            return nil
        }
        self.init(offset, String(parts[1]))
    }

    var text: String {
        let number = String(offset)
        return String(repeating: "0", count: Self.digits - number.utf8.count) + number + "." + fileExtension
    }
}
