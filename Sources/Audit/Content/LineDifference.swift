/// Finds out which records of a topic a file lacks, and which lines of the file are no records: pure.
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
    /// Numbers of the lines, from 1, that are no records, in order.
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
            // Lines that no record to come is equal to were changed or added.
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
