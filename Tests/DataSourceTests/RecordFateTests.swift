import Community
import KafkaClient
import Testing

@testable import DataSource

@Suite struct RecordFateTests {
    /// The truth must not claim what nobody knows: whatever may have been written is unresolved.
    @Test(arguments: [
        (KafkaClientError.Code.recordTooLarge, TruthRecorder.Fate.rejected), (.authorization, .rejected),
        (.unknownTopic, .rejected), (.unknownPartition, .rejected), (.cancelled, .rejected), (.closed, .rejected),
        (.timedOut, .unresolved), (.refused, .unresolved), (.fenced, .unresolved), (.brokersUnreachable, .unresolved),
        (.notEnoughReplicas, .unresolved),
    ])
    func anErrorWithoutAnotherNameDecides(_ code: KafkaClientError.Code, _ fate: TruthRecorder.Fate) {
        #expect(TruthRecorder.Fate(of: KafkaClientError(code, "why")) == fate)
    }
}
