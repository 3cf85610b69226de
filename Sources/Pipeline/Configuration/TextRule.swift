import Ingestor
import KafkaTopics
import Storage

/// What a setting that is a text has to be.
package struct TextRule: Sendable {
    /// What is wrong with a value, to be read behind the name of a setting or a flag; `nil` where nothing is.
    package let problem: @Sendable (String) -> String?

    /// Anything but nothing.
    package static let notEmpty = TextRule { $0.isEmpty ? "is empty" : nil }

    /// A file or directory of this machine.
    package static let path = TextRule { text in
        if text.isEmpty { return "is empty; give it the path of a directory" }
        if text.utf8.contains(0) { return "has a zero byte in it, which no path can have" }
        if text == "~" || text.hasPrefix("~/") {
            return "is '\(text)'; only a shell knows what '~' means: write the whole path"
        }
        return nil
    }

    /// A directory below the root of the storage.
    package static let storagePath = TextRule { text in
        if text.isEmpty {
            return "is empty; it has to be a directory below the storage's root, such as HeraSDG/raw_data"
        }
        if let path = try? StoragePath(text), path != .root { return nil }
        return "is '\(text)'; it has to be a directory below the storage's root, such as HeraSDG/raw_data"
    }

    /// The connector's name is part of a directory, of a consumer group, and of the dead letter queue's topic.
    package static let connectorName = TextRule { text in
        var settings = PipelineConfiguration.SinkSettings()
        settings.name = text
        guard TopicName.problem(with: text) == nil, TopicName.problem(with: settings.deadLetterTopic) == nil else {
            let length = TopicName.lengthMax - settings.deadLetterTopic.utf8.count + text.utf8.count
            return "is '\(text)'; it has to be 1 to \(length) letters a-z and A-Z, digits, '.', '_' and '-', and no "
                + "'.' or '..' alone"
        }
        return nil
    }

    package static let listenAddress = TextRule { text in
        ListenAddress(text) == nil ? "is '\(text)'; it has to be HOST:PORT, such as 127.0.0.1:9092" : nil
    }

    /// An address to listen at, of which the loopback's host may be left out.
    package static let metricsAddress = TextRule { text in
        guard PipelineConfiguration.MetricsSettings.address(text) == nil else { return nil }
        return "is '\(text)'; it has to be HOST:PORT, such as 127.0.0.1:9464, or a port of the loopback"
    }

    /// An address that clients connect to.
    package static let advertisedAddress = TextRule { text in
        guard let address = ListenAddress(text) else {
            return "is '\(text)'; it has to be HOST:PORT, such as kafka.example.org:9092"
        }
        var configuration = IngestorConfiguration(directory: ".")
        configuration.advertised = address
        return configuration.problem.map { "is refused: \($0)" }
    }
}
