@testable import KafkaProtocol

/// Every message of the module.
enum AllMessages {
    static let requests: [any WireRequest.Type] = [
        ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self, MetadataRequest.self,
        OffsetCommitRequest.self, OffsetFetchRequest.self, FindCoordinatorRequest.self, JoinGroupRequest.self,
        HeartbeatRequest.self, LeaveGroupRequest.self, SyncGroupRequest.self, DescribeGroupsRequest.self,
        ListGroupsRequest.self, ApiVersionsRequest.self,
        CreateTopicsRequest.self, DeleteTopicsRequest.self, DeleteRecordsRequest.self, InitProducerIDRequest.self,
        OffsetForLeaderEpochRequest.self,
        DescribeConfigsRequest.self, AlterConfigsRequest.self, AlterReplicaLogDirsRequest.self,
        DescribeLogDirsRequest.self,
        CreatePartitionsRequest.self, DeleteGroupsRequest.self, ElectLeadersRequest.self,
        IncrementalAlterConfigsRequest.self,
        AlterPartitionReassignmentsRequest.self, ListPartitionReassignmentsRequest.self, OffsetDeleteRequest.self,
        DescribeClusterRequest.self, DescribeProducersRequest.self, ConsumerGroupHeartbeatRequest.self,
        ConsumerGroupDescribeRequest.self, ListConfigResourcesRequest.self,
        DescribeTopicPartitionsRequest.self,
    ]

    static let responses: [any WireResponse.Type] = [
        ProduceResponse.self, FetchResponse.self, ListOffsetsResponse.self, MetadataResponse.self,
        OffsetCommitResponse.self, OffsetFetchResponse.self, FindCoordinatorResponse.self, JoinGroupResponse.self,
        HeartbeatResponse.self, LeaveGroupResponse.self, SyncGroupResponse.self, DescribeGroupsResponse.self,
        ListGroupsResponse.self, ApiVersionsResponse.self,
        CreateTopicsResponse.self, DeleteTopicsResponse.self, DeleteRecordsResponse.self,
        InitProducerIDResponse.self, OffsetForLeaderEpochResponse.self, DescribeConfigsResponse.self,
        AlterConfigsResponse.self,
        AlterReplicaLogDirsResponse.self, DescribeLogDirsResponse.self, CreatePartitionsResponse.self,
        DeleteGroupsResponse.self,
        ElectLeadersResponse.self,
        IncrementalAlterConfigsResponse.self, AlterPartitionReassignmentsResponse.self,
        ListPartitionReassignmentsResponse.self, OffsetDeleteResponse.self, DescribeClusterResponse.self,
        DescribeProducersResponse.self, ConsumerGroupHeartbeatResponse.self, ConsumerGroupDescribeResponse.self,
        ListConfigResourcesResponse.self, DescribeTopicPartitionsResponse.self,
    ]

    /// The message type of an API and a direction, as the golden messages name them.
    static func type(api: String, direction: String) -> (any WireMessage.Type)? {
        let types: [any WireMessage.Type] = direction == "request" ? requests : responses
        return types.first { "\($0.api)" == api }
    }
}
