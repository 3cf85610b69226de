import ConnectAPI
import KafkaClient
import KafkaTopics

/// The topics of one task's partitions: what the cluster said about them, and whether they are still the same ones.
///
/// Kafka does not tell a consumer that its topic was deleted and made again: it reads on at the old offset. A topic's id
/// tells, if it is asked for after the records were read: where it is the one under which their partition was opened,
/// there was no other topic in between. An answer holds until more of the topic is read, and one question asks about
/// all topics whose answers do not hold any more.
final class TaskTopics: SinkTaskContext {
    typealias Question = @Sendable (Set<String>) async throws(KafkaClientError) -> [String: TopicFacts]

    /// What differs from what was known before.
    struct News: Hashable, Sendable {
        /// How long topics keep their records now, in milliseconds; `nil`: unlimited.
        var retentions: [String: Int64?] = [:]
        /// The partitions whose topic has another id, and which.
        var ids: [TopicPartition: String] = [:]
    }

    /// `nil` where the cluster does not permit questions about topics.
    private let question: Question?
    private var retentions: [String: Int64] = [:]
    /// The ids under which partitions were last opened; those without a known id are missing.
    private var ids: [TopicPartition: String] = [:]
    /// The answers that hold: the id of a topic, or that there is none.
    private var answers: [String: String?] = [:]
    /// The topics of which something was read since they were asked about.
    private var unanswered: Set<String> = []
    /// Why there was no answer, until the next round.
    private var failure: KafkaClientError?
    /// Why the broker did not tell how long the topics that were last opened keep their records.
    private(set) var refusal: KafkaClientError?
    /// Why the cluster did not answer when partitions were last opened.
    private var silence: KafkaClientError?

    init(_ question: Question?) {
        self.question = question
    }

    convenience init(_ settings: TopicSettings?) {
        guard let settings else {
            self.init(nil as Question?)
            return
        }
        self.init { names throws(KafkaClientError) in try await settings.facts(of: names) }
    }

    // MARK: - Opening

    /// Asks about the topics of `partitions`, which are opened now. Where the cluster does not answer, their ids are
    /// unknown, and `requireAnswer` decides.
    ///
    /// - Throws: where a topic does not exist: one that came later would be unknown.
    func open(_ partitions: [TopicPartition]) async throws(SinkTaskError) -> [SinkPartition] {
        guard let question else { return partitions.map { SinkPartition($0) } }
        let names = Set(partitions.map(\.topic))
        let facts: [String: TopicFacts]
        do throws(KafkaClientError) {
            facts = try await question(names)
            refusal = facts.values.lazy.compactMap(\.refusal).first
            silence = nil
            keep(facts, about: names)
        } catch {
            (refusal, silence) = (error, error)
            let unknown = partitions.filter { ids[$0] != nil }
            guard unknown.isEmpty else { throw Self.unanswered(unknown, error) }
            return partitions.map { SinkPartition($0, retentionMilliseconds: retentions[$0.topic]) }
        }
        let missing = partitions.filter { facts[$0.topic] == nil }
        guard missing.isEmpty else { throw SinkTaskError(.retriable, "the topic does not exist", partitions: missing) }
        for (topic, facts) in facts where facts.refusal == nil { retentions[topic] = facts.retentionMilliseconds }
        for partition in partitions { ids[partition] = facts[partition.topic]?.id }
        return partitions.map { partition in
            SinkPartition(partition, retentionMilliseconds: retentions[partition.topic], topicID: ids[partition])
        }
    }

    /// Makes sure that the cluster has told the ids of `partitions`, whose records were filed from topics with known ids.
    ///
    /// - Throws: where it did not answer when they were opened.
    func requireAnswer(about partitions: [TopicPartition]) throws(SinkTaskError) {
        guard let silence, !partitions.isEmpty else { return }
        throw Self.unanswered(partitions.sorted(), silence)
    }

    /// The id under which a partition was last opened; `nil` where it was unknown.
    func id(of partition: TopicPartition) -> String? { ids[partition] }

    // MARK: - Reading

    /// Something of `partition` goes to the task: what was asked before says nothing about it.
    func read(_ partition: TopicPartition) {
        guard ids[partition] != nil else { return }
        answers[partition.topic] = nil
        unanswered.insert(partition.topic)
    }

    /// Another event is handled: after a question without an answer the cluster may be asked again.
    func roundBegan() {
        failure = nil
    }

    /// Asks about all topics of which something was read since they were asked about; those whose partitions were opened
    /// without an id are not asked about.
    ///
    /// - Throws: where the cluster does not answer.
    func ask() async throws(KafkaClientError) {
        guard !unanswered.isEmpty else { return }
        try await ask(about: unanswered)
    }

    func topicID(of topic: String) async throws(SinkTaskError) -> String? {
        if let answer = answers[topic] { return answer }
        do throws(KafkaClientError) {
            try await ask(about: unanswered.union([topic]))
        } catch {
            throw Self.unanswered([], error)
        }
        return answers[topic] ?? nil
    }

    private func ask(about names: Set<String>) async throws(KafkaClientError) {
        guard let question else { return }
        if let failure { throw failure }
        // Not cancelled with this task: one that ends still files what it holds.
        let result = await Task { () -> Result<[String: TopicFacts], KafkaClientError> in
            do throws(KafkaClientError) {
                return .success(try await question(names))
            } catch {
                return .failure(error)
            }
        }.value
        switch result {
        case .success(let facts):
            keep(facts, about: names)
            // It told the id before, so that it does not now says nothing.
            guard let silent = names.first(where: { Self.isUntold(facts[$0]) }) else { return }
            failure =
                facts[silent]?.refusal ?? KafkaClientError(.refused, "the broker does not tell the id of '\(silent)'")
        case .failure(let error):
            failure = error
        }
        if let failure { throw failure }
    }

    /// Keeps the answers about `names`; they hold until more of these topics is read.
    private func keep(_ facts: [String: TopicFacts], about names: Set<String>) {
        for name in names where !Self.isUntold(facts[name]) {
            answers[name] = .some(facts[name]?.id)
            unanswered.remove(name)
        }
    }

    /// Whether a topic is there whose id the broker does not tell.
    private static func isUntold(_ facts: TopicFacts?) -> Bool { facts.map { $0.id == nil } ?? false }

    private static func unanswered(_ partitions: [TopicPartition], _ error: KafkaClientError) -> SinkTaskError {
        SinkTaskError(
            .retriable,
            "the cluster did not answer whether the topic is still the one whose records were read",
            partitions: partitions,
            underlying: error
        )
    }

    // MARK: - News

    /// What the cluster says about those of `names` that exist; nothing where it does not answer.
    func facts(of names: Set<String>) async -> [String: TopicFacts] {
        guard let question, !names.isEmpty else { return [:] }
        do throws(KafkaClientError) {
            return try await question(names)
        } catch {
            // It is asked at intervals as well, and before anything is filed.
            return [:]
        }
    }

    /// What has changed for `partitions`, which are read, according to `facts`.
    func news(in facts: [String: TopicFacts], about partitions: [TopicPartition]) -> News {
        var news = News()
        for (topic, facts) in facts where facts.refusal == nil && partitions.contains(where: { $0.topic == topic }) {
            guard retentions[topic] != facts.retentionMilliseconds else { continue }
            retentions[topic] = facts.retentionMilliseconds
            news.retentions[topic] = .some(facts.retentionMilliseconds)
        }
        for partition in partitions {
            guard let id = facts[partition.topic]?.id, id != ids[partition] else { continue }
            news.ids[partition] = id
        }
        return news
    }
}
