import Community
import KafkaClient

extension DataSource {
    /// Asks the cluster how many partitions each topic has.
    ///
    /// - Throws: it cannot be reached, or a topic is not there. None is created: who misspells the address of a cluster
    ///   must not leave topics there.
    func findPartitions() async throws(DataSourceError) -> PartitionLayout {
        let counts: [String: Int]
        do {
            counts = try await withProducer(configuration.producer, logger: logger) { producer in
                try await producer.partitionCounts()
            }
        } catch let error as KafkaClientError {
            throw .cluster(error)
        } catch {
            throw DataSourceError(code: .cluster, description: "\(error)")
        }
        var byTopic: [Int] = []
        for topic in CommunityTopic.allCases {
            guard let count = counts[topic.name], count > 0 else {
                throw .missingTopic(topic.name, bootstrap: configuration.producer.client.bootstrap)
            }
            byTopic.append(count)
        }
        return PartitionLayout(partitionCounts: byTopic, parallelism: configuration.parallelism)
    }
}
