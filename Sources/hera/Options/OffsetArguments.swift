import ArgumentParser
import Foundation
import KafkaClient

/// A moment on the command line.
struct PointInTime: ExpressibleByArgument {
    /// Since 1970.
    let milliseconds: Int64

    init?(argument: String) {
        if let milliseconds = Int64(argument) {
            guard milliseconds >= 0 else { return nil }
            self.milliseconds = milliseconds
            return
        }
        let forms = [
            Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true),
            Date.ISO8601FormatStyle().year().month().day(),
        ]
        guard let date = forms.lazy.compactMap({ try? $0.parse(argument) }).first,
            date.timeIntervalSince1970 >= 0
        else { return nil }
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}

extension TopicSelection: ExpressibleByArgument {
    /// `topic` or `topic:0,1`; a topic's name has no colon.
    package init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let topic = parts.first, !topic.isEmpty, parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self.init(topic: String(topic))
            return
        }
        let numbers = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int32($0) }
        guard numbers.allSatisfy({ $0 != nil }) else { return nil }
        self.init(topic: String(topic), partitions: numbers.compactMap { $0 })
    }
}
