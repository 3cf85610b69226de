import Synchronization

/// A batch on its way: tells what became of it once every record of it is settled.
package final class BatchDelivery: Sendable {
    private struct State {
        var report: DeliveryReport?
        var waiters: [OneAnswer<DeliveryReport?>] = []
    }

    private let state = Mutex(State())
    /// How many records the batch has.
    package let records: Int

    init(records: Int) {
        self.records = records
    }

    /// The report, once every record is acknowledged or has failed; `nil` before.
    package var settledReport: DeliveryReport? { state.withLock { $0.report } }

    /// Waits until every record is acknowledged or has failed; may be asked any number of times.
    ///
    /// Bounded by the producer's `message.timeout.ms`. Errors of records are in the report.
    ///
    /// - Throws: only `cancelled`, where this task is cancelled before: the records stay on their way.
    package func report() async throws(KafkaClientError) -> DeliveryReport {
        let waiter = OneAnswer<DeliveryReport?>()
        let settled = state.withLock { state -> DeliveryReport? in
            if state.report == nil { state.waiters.append(waiter) }
            return state.report
        }
        if let settled { return settled }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in waiter.ask(continuation) }
        } onCancel: {
            waiter.answer(nil)
        }
        guard let answer else {
            throw .cancelled(
                "see \(records) records acknowledged",
                "they may or may not be written; shut the producer down to learn what became of them"
            )
        }
        return answer
    }

    /// Gives the report to all who wait.
    func settle(_ report: DeliveryReport) {
        let waiters = state.withLock { state in
            precondition(state.report == nil, "BatchDelivery: settled twice")
            state.report = report
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.answer(report) }
    }
}
