import CRdKafka
import Glibc
import KafkaTopics

extension KafkaAdmin {
    /// The ids of topics, as Kafka writes them: from the read-only setting in which the embedded ingestor shows them, else
    /// from librdkafka 2.3 or later. Topics that are not there are missing, and those whose id the broker does not tell.
    ///
    /// - Throws: where the cluster cannot be asked now.
    package func topicIDs(of topics: Set<String>) async throws(KafkaClientError) -> [String: String] {
        try await topicIDs(describedBy: try await describeConfigs(ofTopics: topics))
    }

    /// The same where the topics' settings are at hand.
    package func topicIDs(
        describedBy answers: [String: Result<[TopicConfig], KafkaClientError>]
    ) async throws(KafkaClientError) -> [String: String] {
        var ids: [String: String] = [:]
        var rest: Set<String> = []
        for (topic, answer) in answers {
            switch answer {
            case .success(let settings):
                ids[topic] = settings.first { $0.name == TopicName.idConfiguration }?.value
                if ids[topic] == nil { rest.insert(topic) }
            case .failure(let error):
                if error.code != .unknownTopic { rest.insert(topic) }
            }
        }
        guard let calls = TopicIDCalls.found, !rest.isEmpty else { return ids }
        let described = try await handle.questions.run("read the ids of topics") {
            [handle, rest] () throws(KafkaClientError) -> [String: String] in
            try calls.ids(of: rest, handle)
        }
        return ids.merging(described) { ours, _ in ours }
    }
}

/// librdkafka's calls for topic ids, looked up when the program runs: Debian 12's librdkafka does not have them.
private struct TopicIDCalls: Sendable {
    private typealias MakeCollection =
        @convention(c) (UnsafeMutablePointer<UnsafePointer<CChar>?>, Int) -> OpaquePointer?
    private typealias Destroy = @convention(c) (OpaquePointer?) -> Void
    private typealias Describe = @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Void
    private typealias Part = @convention(c) (OpaquePointer?) -> OpaquePointer?
    private typealias Topics =
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<OpaquePointer?>?
    private typealias Text = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?

    private let makeCollection: MakeCollection
    private let destroyCollection: Destroy
    private let describe: Describe
    private let result: Part
    private let topics: Topics
    private let name: Text
    private let error: Part
    private let id: Part
    private let base64: Text

    static let found = TopicIDCalls()

    /// `nil` where one of them is missing.
    private init?() {
        func look<Call>(_ name: String, _ type: Call.Type) -> Call? {
            dlsym(UnsafeMutableRawPointer(bitPattern: 0), name).map { unsafeBitCast($0, to: type) }
        }
        guard let makeCollection = look("rd_kafka_TopicCollection_of_topic_names", MakeCollection.self),
            let destroyCollection = look("rd_kafka_TopicCollection_destroy", Destroy.self),
            let describe = look("rd_kafka_DescribeTopics", Describe.self),
            let result = look("rd_kafka_event_DescribeTopics_result", Part.self),
            let topics = look("rd_kafka_DescribeTopics_result_topics", Topics.self),
            let name = look("rd_kafka_TopicDescription_name", Text.self),
            let error = look("rd_kafka_TopicDescription_error", Part.self),
            let id = look("rd_kafka_TopicDescription_topic_id", Part.self),
            let base64 = look("rd_kafka_Uuid_base64str", Text.self)
        else { return nil }
        self.makeCollection = makeCollection
        self.destroyCollection = destroyCollection
        self.describe = describe
        self.result = result
        self.topics = topics
        self.name = name
        self.error = error
        self.id = id
        self.base64 = base64
    }

    /// Blocks for the answer.
    func ids(of names: Set<String>, _ handle: ClientHandle) throws(KafkaClientError) -> [String: String] {
        let doing = "read the ids of topics"
        let texts = names.sorted().map { strdup($0) }
        defer { for text in texts { free(text) } }
        var pointers = texts.map { UnsafePointer($0) }
        guard let queue = rd_kafka_queue_new(handle.client),
            let collection = makeCollection(&pointers, pointers.count)
        else { throw KafkaClientError(.refused, "cannot \(doing): librdkafka has no memory left") }
        defer {
            destroyCollection(collection)
            rd_kafka_queue_destroy(queue)
        }
        describe(handle.client, collection, nil, queue)
        guard let event = rd_kafka_queue_poll(queue, Limits.requestTimeoutMilliseconds) else {
            throw KafkaClientError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing, with: handle)
        }
        defer { rd_kafka_event_destroy(event) }
        if let failure = handle.error(rd_kafka_event_error(event), doing) {
            guard failure.isRefusal else { throw failure }
            return [:]
        }
        guard let answer = result(event) else { return [:] }
        var count = 0
        guard let described = topics(answer, &count) else { return [:] }
        var ids: [String: String] = [:]
        for index in 0..<count {
            let topic = described[index]
            if let failure = error(topic), rd_kafka_error_code(failure) != RD_KAFKA_RESP_ERR_NO_ERROR { continue }
            guard let name = name(topic), let id = id(topic), let text = base64(id) else { continue }
            ids[String(cString: name)] = String(cString: text)
        }
        // Brokers before Kafka 2.8 know no ids, and answer with an id of zeros.
        return ids.filter { $0.value != "AAAAAAAAAAAAAAAAAAAAAA" }
    }
}
