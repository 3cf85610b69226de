import CommitLedger
import Foundation
package import KafkaClient
import KafkaTopics
import Logging
package import Storage

/// Where a connector's records come from and where they are filed, for an operator's decision about them.
package struct SinkTarget: Sendable {
    package var client: ClientConfiguration
    package var storage: any FileSystem
    package var connector: String
    package var topicsDirectory: StoragePath
    package var logsDirectory: StoragePath

    /// - Throws: `StorageError` where a directory of the configuration leads out of the storage.
    package init(
        _ configuration: PipelineConfiguration,
        client: ClientConfiguration,
        storage: any FileSystem
    ) throws(StorageError) {
        self.client = client
        self.storage = storage
        connector = configuration.sink.name
        topicsDirectory = try StoragePath(configuration.sink.topicsDirectory)
        logsDirectory = try StoragePath(configuration.sink.logsDirectory)
    }

    /// The commit protocol of a partition, for one more writer.
    ///
    /// - Parameter purpose: what the writer does, as part of its name.
    func ledger(
        of partition: TopicPartition,
        for purpose: String,
        logger: Logger
    ) throws(StorageError) -> CommitLedger {
        let layout = try CommitLayout(
            partition: partition,
            connector: connector,
            topicsDirectory: topicsDirectory,
            logsDirectory: logsDirectory
        )
        // Unique for each takeover that is ever tried, as the protocol asks.
        let name = "\(purpose)-\(ProcessInfo.processInfo.processIdentifier)-\(UInt64.random(in: .min ... .max))"
        return CommitLedger(layout: layout, storage: storage, writer: name, logger: logger)
    }
}
