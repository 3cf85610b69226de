package import Analysis
import CommitLog
import Community
import ConnectRuntime
import Foundation
package import Ingestor
import NIOCore

extension IngestorConfiguration {
    /// The ingestor as the configuration of the pipeline describes it, with the community's topics.
    ///
    /// - Throws: ``ConfigurationError`` where `ingestor.listen` and `ingestor.advertise` are not addresses that go together.
    package init(_ configuration: PipelineConfiguration) throws(ConfigurationError) {
        let settings = configuration.ingestor
        self.init(directory: PipelinePaths(data: configuration.data).ingestor)
        if let problem = TextRule.listenAddress.problem(settings.listen) {
            throw .wrong("ingestor.listen", "flags", problem)
        }
        listeners = .init(at: NamedAddress.list(settings.listen) ?? [])
        let advertised = settings.advertise.flatMap(NamedAddress.list) ?? []
        if let problem = listeners.advertise(advertised) {
            throw .wrong("ingestor.advertise", "configuration", problem)
        }
        partitionCount = Int32(settings.partitions)
        createsTopicsOnFirstUse = settings.autoCreateTopics
        limits.offsetsRetentionMinutes = settings.offsetsRetentionMinutes
        groups.migrationPolicy = GroupMigrationPolicy(rawValue: settings.groupMigrationPolicy) ?? groups.migrationPolicy
        groups.initialRebalanceDelay = .milliseconds(Int64(settings.groupInitialRebalanceMilliseconds))
        limits.requestBytesMax = settings.requestBytesMax
        limits.requestMemoryBytesMax = settings.requestMemoryBytesMax
        let slow = settings.slowRequestMilliseconds
        limits.slowRequest = slow == 0 ? nil : .milliseconds(Int64(slow))
        log.retentionMilliseconds = Int64(settings.retentionMilliseconds)
        switch settings.flush {
        case "always": log.flushPolicy = .always
        case "interval": log.flushPolicy = .interval(milliseconds: Int64(settings.flushIntervalMilliseconds))
        default: log.flushPolicy = .os
        }
        topics = CommunityTopic.allCases.map { topic in
            TopicSpecification(name: topic.name, partitionCount: Int32(settings.partitions))
        }
    }

    /// The same where the pipeline's own sink runs beside the ingestor: retention waits for it.
    package init(besideSinkOf configuration: PipelineConfiguration) throws(ConfigurationError) {
        try self.init(configuration)
        retentionHolds = [
            RetentionHoldSettings(
                group: ConnectorSettings.group(ofConnector: configuration.sink.name),
                topics: Set(topics.map(\.name)),
                milliseconds: Int64(configuration.ingestor.retentionHoldMilliseconds)
            )
        ]
    }
}

extension AnalysisOptions {
    /// The analysis as the configuration of the pipeline describes it, on all processors.
    package init(_ configuration: PipelineConfiguration) {
        self.init(
            seed: UInt64(configuration.analyzer.seed),
            kMax: configuration.analyzer.segmentsMax,
            workers: max(1, ProcessInfo.processInfo.activeProcessorCount)
        )
    }
}
