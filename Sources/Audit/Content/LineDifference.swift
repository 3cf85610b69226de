/// Finds out which records of a topic a file lacks, and which lines of the file are not records of the topic. Pure.
///
/// A whole file's lines are a subsequence of the topic's records, in the order of offsets. What of the records is not
/// matched lies in another file, was filtered, or is missing; what of the lines is not matched was changed or added.
package struct LineDifference: Hashable, Sendable {
    /// A record of the topic, or a line, by what it says.
    package struct Record: Hashable, Sendable {
        package var offset: Int64
        /// The hash of the line that it is in a file.
        package var line: Int
        /// Its key as text; the community's key is the user.
        package var key: String

        package init(offset: Int64, line: Int, key: String) {
            self.offset = offset
            self.line = line
            self.key = key
        }
    }

    /// Records that are not among the lines, in order.
    package private(set) var missing: [Record] = []
    /// Numbers of the lines, from 1, that are not records, in order.
    package private(set) var strange: [Int] = []

    /// Compares.
    ///
    /// - Parameters:
    ///   - lines: the hashes of the file's lines.
    ///   - records: the records of the file's offsets, without those that were filtered or set aside.
    ///   - elsewhere: how often a hash is among the lines of other files with the same offsets.
    package init(lines: [Int], records: [Record], elsewhere: [Int: Int] = [:]) {
        var unmatched: [Int: Int] = [:]
        for record in records { unmatched[record.line, default: 0] += 1 }
        var elsewhere = elsewhere
        var index = 0
        for record in records {
            // Lines that equal no later record were changed or added.
            while index < lines.count, unmatched[lines[index], default: 0] == 0 {
                strange.append(index + 1)
                index += 1
            }
            unmatched[record.line, default: 0] -= 1
            if index < lines.count, lines[index] == record.line {
                index += 1
            } else if elsewhere[record.line, default: 0] > 0 {
                elsewhere[record.line, default: 0] -= 1
            } else {
                missing.append(record)
            }
        }
        strange += (index..<max(index, lines.count)).map { $0 + 1 }
    }
}

extension AuditTrouble {
    /// How many places of a file are named.
    private static let placesMax = 5

    /// This trouble of a file with the exact places at which the file differs from its topic.
    package func located(by difference: LineDifference) -> AuditTrouble {
        var trouble = self
        if let first = difference.missing.first, let last = difference.missing.last {
            trouble.firstOffset = first.offset
            trouble.lastOffset = last.offset
            let users = Set(difference.missing.map(\.key))
            trouble.user = users.count == 1 ? users.first : nil
            let places = difference.missing.prefix(Self.placesMax).map { "offset \($0.offset) of \($0.key)" }
            trouble.what += "; missing: " + Self.listed(places, of: difference.missing.count)
        }
        if !difference.strange.isEmpty {
            let places = difference.strange.prefix(Self.placesMax).map { "line \($0)" }
            trouble.what += "; not in the topic: " + Self.listed(places, of: difference.strange.count)
        }
        return trouble
    }

    private static func listed(_ places: [String], of count: Int) -> String {
        let more = count - places.count
        return places.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}

/// Lines of files as numbers. They hold within this process only.
enum OneLine {
    static func hash(_ line: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: line)
        return hasher.finalize()
    }

    /// Whether a value cannot be a line as it is.
    static func hasBreaks(_ value: UnsafeRawBufferPointer) -> Bool {
        value.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// The hash of `json` without the white space outside strings: the line that programs before commit records of
    /// version 2 made of a value with line breaks.
    static func compactHash(_ json: UnsafeRawBufferPointer) -> Int {
        var line: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in json {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                continue
            } else {
                isInString = byte == UInt8(ascii: "\"")
            }
            line.append(byte)
        }
        return line.withUnsafeBytes { hash($0) }
    }
}
