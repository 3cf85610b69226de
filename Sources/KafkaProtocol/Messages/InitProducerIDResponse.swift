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
