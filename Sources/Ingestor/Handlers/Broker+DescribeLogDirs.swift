import CommitLog
import Files
import KafkaProtocol
import KafkaTopics
import NIOCore
import SystemPackage

extension Broker {
    /// How much the partitions take on the disk, and how much of it is free: of those that the request names and that
    /// exist, each once. All are in one directory.
    func describeLogDirs(_ request: DescribeLogDirsRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            let path = self.logDirectory
            var directory = DescribeLogDirsResponse.Directory(path: path.string)
            if let topics = request.topics {
                directory.topics = self.sizes(of: topics)
            } else {
                directory.topics = self.topics.all.map { topic in
                    .init(name: topic.name, partitions: topic.partitions.compactMap { self.size(of: $0) })
                }
            }
            if let space = Disk().space(at: path) {
                (directory.totalByteCount, directory.usableByteCount) = space
            }
            var response = DescribeLogDirsResponse()
            response.directories = [directory]
            return .answer(Answer(response))
        }
    }

    /// The directory of all logs, as an absolute path: clients do not know where this program was started.
    private var logDirectory: FilePath { Disk().fullPath(of: FilePath(configuration.directory)) }

    /// Accepts a move to the only directory, where all partitions are, and refuses any other. For a partition that is named
    /// twice the later directory counts, as in Kafka.
    func alterReplicaLogDirs(_ request: AlterReplicaLogDirsRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            let path = self.logDirectory.string
            var wanted: [String: [Int32: Bool]] = [:]
            for directory in request.directories {
                for topic in directory.topics {
                    for partition in topic.partitions {
                        wanted[topic.name, default: [:]][partition] = directory.path == path
                    }
                }
            }
            var response = AlterReplicaLogDirsResponse()
            response.topics = wanted.sorted { $0.key < $1.key }.map { topic, partitions in
                let outcomes = partitions.sorted { $0.key < $1.key }.map { partition, isHere in
                    let known = self.topics.log(topic, partition) != nil
                    return AlterReplicaLogDirsResponse.Partition(
                        partition: partition,
                        errorCode: !isHere ? .logDirNotFound : known ? .none : .unknownTopicOrPartition
                    )
                }
                return .init(name: topic, partitions: outcomes)
            }
            return .answer(Answer(response))
        }
    }

    private func sizes(of topics: [DescribeLogDirsRequest.Topic]) -> [DescribeLogDirsResponse.Topic] {
        var known: Set<TopicPartition> = []
        return topics.compactMap { topic in
            let partitions = topic.partitions.compactMap { number -> DescribeLogDirsResponse.Partition? in
                let partition = TopicPartition(topic: topic.name, partition: number)
                return known.insert(partition).inserted ? size(of: partition) : nil
            }
            return partitions.isEmpty ? nil : .init(name: topic.name, partitions: partitions)
        }
    }

    private func size(of partition: TopicPartition) -> DescribeLogDirsResponse.Partition? {
        topics.log(partition.topic, partition.partition).map {
            .init(partition: partition.partition, byteCount: Int64($0.byteCount))
        }
    }
}
