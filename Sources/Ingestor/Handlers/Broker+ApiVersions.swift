import KafkaProtocol

extension Broker {
    /// Says which APIs are served: the same table that requests are read by.
    func apiVersions(_ request: ApiVersionsRequest) -> Reply {
        .now(Answer(ApiVersionsResponse.supported))
    }
}
