/// Asks for a producer id, which makes a producer idempotent.
package struct InitProducerIDRequest: WireRequest {
    package static var api: APIKey { .initProducerID }

    /// The id of a transactional producer; `nil` for one that is only idempotent.
    package var transactionalID: String?
    /// How long a transaction may be idle.
    package var transactionTimeoutMilliseconds: Int32 = 0
    /// The id that the producer has; -1 if none.
    package var producerID: Int64 = -1
    /// The epoch that the producer has; -1 if none.
    package var producerEpoch: Int16 = -1

    package init() {}

    package init(
        transactionalID: String?,
        transactionTimeoutMilliseconds: Int32 = 0,
        producerID: Int64 = -1,
        producerEpoch: Int16 = -1
    ) {
        self.transactionalID = transactionalID
        self.transactionTimeoutMilliseconds = transactionTimeoutMilliseconds
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.nullableString(&transactionalID)
        try coder.int32(&transactionTimeoutMilliseconds)
        if coder.version >= 3 {
            try coder.int64(&producerID)
            try coder.int16(&producerEpoch)
        }
        try coder.taggedFields()
    }
}

/// The producer id.
package struct InitProducerIDResponse: WireResponse {
    package static var api: APIKey { .initProducerID }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The id; -1 in an error.
    package var producerID: Int64 = -1
    /// Its epoch; -1 in an error.
    package var producerEpoch: Int16 = -1

    package init() {}

    package init(
        throttleMilliseconds: Int32,
        errorCode: ErrorCode = .none,
        producerID: Int64 = -1,
        producerEpoch: Int16 = -1
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.int64(&producerID)
        try coder.int16(&producerEpoch)
        try coder.taggedFields()
    }
}
