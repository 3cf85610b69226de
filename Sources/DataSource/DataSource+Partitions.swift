import Community
import KafkaClient

extension DataSource {
    /// What the cluster says of a topic.
    struct FoundTopic {
        let partitionCount: Int
        /// `nil` where the broker does not tell.
        let id: String?
    }

    /// Asks the cluster for the topics of `CommunityTopic.allCases`, in that order.
    ///
    /// - Throws: it cannot be reached, or a topic is not there. None is created: who misspells the address of a cluster
    ///   must not leave topics there.
    func findTopics() async throws(DataSourceError) -> [FoundTopic] {
        do {
            return try await withAdmin(configuration.producer.client, logger: logger) { admin in
                let topics = try await admin.topics()
                let ids = await admin.topicIDs(of: Set(CommunityTopic.allCases.map(\.name)))
                var found: [FoundTopic] = []
                for topic in CommunityTopic.allCases {
                    let count = topics.first { $0.name == topic.name }?.partitions.count ?? 0
                    guard count > 0 else {
                        throw DataSourceError.missingTopic(
                            topic.name,
                            bootstrap: configuration.producer.client.bootstrap
                        )
                    }
                    found.append(FoundTopic(partitionCount: count, id: ids[topic.name]))
                }
                return found
            }
        } catch let error as KafkaClientError {
            throw .cluster(error)
        } catch let error as DataSourceError {
            throw error
        } catch {
            throw DataSourceError(code: .cluster, description: "\(error)")
        }
    }
}
