/// What the shell shall do after an event: every waiting request is answered exactly once.
package enum GroupAction: Sendable, Equatable {
    case answerJoin(ReplyToken, JoinAnswer)
    case answerSync(ReplyToken, SyncAnswer)
}
