package import ConnectAPI
package import Logging
import PlainText
package import Storage

/// The sink that files topics as JSON lines in directories by time. The file system is given to it: here a local one.
///
/// It takes the place of Confluent's HDFS sinks and their configurations.
package struct HDFSSinkConnector: SinkConnector {
    package static let classNames = [
        "HDFSSinkConnector", "io.confluent.connect.hdfs3.Hdfs3SinkConnector",
        "io.confluent.connect.hdfs.HdfsSinkConnector",
    ]

    package static let version = ProgramVersion.text

    package static let definitions = HDFSSinkDefinitions.all

    /// A file's name says which offsets of which partition it holds. Under another topic, files of two partitions could
    /// have one name.
    package static let filesOtherTopics = false

    package static func problems(with values: ConfigurationValues) -> [ConfigurationProblem] {
        do {
            _ = try HDFSSinkSettings(values)
            return []
        } catch {
            return error.problems
        }
    }

    package static func explanation(of values: ConfigurationValues) -> [String] {
        (try? HDFSSinkSettings(values)).map { HDFSSinkExplanation($0, values).sentences } ?? []
    }

    private let storage: any FileSystem
    private let logger: Logger

    /// - Parameter storage: Where `topics.dir` and `logs.dir` lie.
    package init(storage: any FileSystem, logger: Logger) {
        self.storage = storage
        self.logger = logger
    }

    package func makeTask(
        _ task: SinkTaskIdentity,
        context: any SinkTaskContext,
        values: ConfigurationValues
    ) throws(SinkTaskError) -> any SinkTask {
        do {
            let settings = try HDFSSinkSettings(values)
            return HDFSSinkTask(task, context: context, settings: settings, storage: storage, logger: logger)
        } catch {
            throw SinkTaskError(.permanent, error.description)
        }
    }
}
