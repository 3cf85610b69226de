import KafkaProtocol

extension [GroupAction] {
    /// Answers the join with an error and the name that it came with.
    mutating func refuse(_ join: GroupJoin, with error: ErrorCode) {
        append(.answerJoin(join.token, .failed(error, memberID: join.memberID)))
    }
}
