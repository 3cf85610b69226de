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
            let topics = try await withAdmin(configuration.producer.client, logger: logger) { admin in
                try await admin.topics()
            }
            counts = Dictionary(uniqueKeysWithValues: topics.map { ($0.name, $0.partitions.count) })
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
