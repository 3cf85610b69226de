/// What a client of Kafka may be able to do: a row of the matrix in docs/KAFKA.md, in the order in which it is tried.
///
/// The raw values are the names that the programs in `Tests/Peers` print.
enum Capability: String, CaseIterable {
    case createTopic = "create_topic"
    case describeTopic = "describe_topic"
    case addPartitions = "add_partitions"
    case describeConfigs = "describe_configs"
    case alterConfigs = "alter_configs"
    case produce = "produce_none"
    case produceGzip = "produce_gzip"
    case produceSnappy = "produce_snappy"
    case produceLZ4 = "produce_lz4"
    case produceZstd = "produce_zstd"
    case produceIdempotent = "produce_idempotent"
    case consume
    case listOffsets = "list_offsets"
    case deleteRecords = "delete_records"
    case consumeInGroup = "consume_in_group"
    case listGroups = "list_groups"
    case describeGroups = "describe_groups"
    case readGroupOffsets = "read_group_offsets"
    case alterGroupOffsets = "alter_group_offsets"
    case deleteGroupOffsets = "delete_group_offsets"
    case deleteGroups = "delete_groups"
    case consumeInNewGroup = "consume_in_new_group"
    case describeLogDirs = "describe_log_dirs"
    case describeCluster = "describe_cluster"
    case describeProducers = "describe_producers"
    case electLeaders = "elect_leaders"
    case reassignments
    case deleteTopic = "delete_topic"

    /// The first cell of its row.
    var title: String {
        switch self {
        case .createTopic: "create a topic with settings"
        case .describeTopic: "list and describe topics"
        case .addPartitions: "add partitions"
        case .describeConfigs: "read settings"
        case .alterConfigs: "change settings"
        case .produce: "produce, not compressed"
        case .produceGzip: "produce with gzip"
        case .produceSnappy: "produce with snappy"
        case .produceLZ4: "produce with lz4"
        case .produceZstd: "produce with zstd"
        case .produceIdempotent: "produce idempotently"
        case .consume: "consume"
        case .listOffsets: "find first and last offset, and that of a time"
        case .deleteRecords: "delete records"
        case .consumeInGroup: "consume in a group"
        case .listGroups: "list groups"
        case .describeGroups: "describe groups"
        case .readGroupOffsets: "read a group's offsets"
        case .alterGroupOffsets: "change a group's offsets"
        case .deleteGroupOffsets: "delete a group's offsets"
        case .deleteGroups: "delete groups"
        case .consumeInNewGroup: "consume in a group of the protocol of KIP-848"
        case .describeLogDirs: "sizes on disk"
        case .describeCluster: "describe the cluster"
        case .describeProducers: "describe producers"
        case .electLeaders: "elect leaders"
        case .reassignments: "reassign partitions"
        case .deleteTopic: "delete a topic"
        }
    }
}
