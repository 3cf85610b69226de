import CRdKafka
import Community
import GroundTruth
import Testing

@testable import DataSource
@testable import KafkaClient

@Suite struct RecordFateTests {
    /// The truth must not claim what is unknown: records that may have been written are unresolved.
    @Test(arguments: [
        (KafkaClientError.Code.recordTooLarge, TruthRecorder.Fate.rejected), (.authorization, .rejected),
        (.unknownTopic, .rejected), (.unknownPartition, .rejected), (.cancelled, .rejected), (.closed, .rejected),
        (.timedOut, .unresolved), (.refused, .unresolved), (.fenced, .unresolved), (.brokersUnreachable, .unresolved),
        (.notEnoughReplicas, .unresolved),
    ])
    func anErrorWithoutAnotherNameDecides(_ code: KafkaClientError.Code, _ fate: TruthRecorder.Fate) {
        #expect(TruthRecorder.Fate(of: KafkaClientError(code, "why")) == fate)
    }

    @Test(arguments: [
        // Dropped by the producer: before or after it had sent the record.
        (RD_KAFKA_RESP_ERR__PURGE_QUEUE, TruthRecorder.Fate.rejected), (RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, .unresolved),
        // No broker was ever reached, or one that had been.
        (RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, .rejected), (RD_KAFKA_RESP_ERR__TRANSPORT, .unresolved),
        // Found before the write, or after it.
        (RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, .rejected),
        (RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, .unresolved),
        // The broker refused the record.
        (RD_KAFKA_RESP_ERR_INVALID_MSG, .rejected), (RD_KAFKA_RESP_ERR_INVALID_RECORD, .rejected),
        (RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, .rejected), (RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, .rejected),
        (RD_KAFKA_RESP_ERR_POLICY_VIOLATION, .rejected), (RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, .rejected),
        (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .rejected), (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .rejected),
        // Of a retry these say nothing about the first attempt.
        (RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, .unresolved), (RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, .unresolved),
        (RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, .unresolved),
        (RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, .unresolved), (RD_KAFKA_RESP_ERR_UNKNOWN, .unresolved),
    ])
    func whatLibrdkafkaOrABrokerSaysDecides(_ number: rd_kafka_resp_err_t, _ fate: TruthRecorder.Fate) {
        let error = KafkaClientError(number, doing: "write a record", bootstrap: ["h:1"], hasMetadata: true)
        #expect(TruthRecorder.Fate(of: error) == fate, "\(error.underlying?.name ?? "no name"): \(error)")
    }

    @Test func aRecordThatTimesOutBeforeABrokerHasAnsweredIsNotWritten() {
        let error = KafkaClientError(
            RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
            doing: "write a record",
            bootstrap: ["h:1"],
            hasMetadata: false
        )
        #expect(TruthRecorder.Fate(of: error) == .rejected)
    }
}
