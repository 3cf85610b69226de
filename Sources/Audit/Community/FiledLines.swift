package import GroundTruth
import KafkaTopics

/// The lines of one topic's files, summed up by partition and by hour.
///
/// Memory grows with partitions and hours, not with lines.
package struct FiledLines: Hashable, Sendable {
    /// The lines of one hour.
    package struct Hour: Hashable, Sendable {
        package var count: Int64 = 0
        package var hundredths: Int64 = 0

        package init() {}
    }

    /// By the number of the partition.
    package private(set) var digests: [Int32: LineDigest] = [:]
    /// By hours since 1970-01-01T00:00Z.
    package private(set) var hours: [Int32: Hour] = [:]
    /// Lines of files that do not lie in one hour, or whose hour is not known.
    package private(set) var undated: Int64 = 0

    package init() {}

    /// Adds a line without its line feed.
    package mutating func add(_ line: UnsafeRawBufferPointer, of file: FileOrigin, hundredths: Int) {
        digests[file.partition.partition, default: LineDigest()].add(line)
        guard let hour = file.hour else {
            undated += 1
            return
        }
        hours[hour, default: Hour()].count += 1
        hours[hour, default: Hour()].hundredths += Int64(hundredths)
    }

    package static func += (left: inout FiledLines, right: FiledLines) {
        left.digests.merge(right.digests) { one, other in
            var sum = one
            sum += other
            return sum
        }
        left.hours.merge(right.hours) { one, other in
            var sum = one
            sum.count += other.count
            sum.hundredths += other.hundredths
            return sum
        }
        left.undated += right.undated
    }
}
