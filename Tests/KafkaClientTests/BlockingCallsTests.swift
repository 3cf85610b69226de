import Dispatch
import Testing

@testable import KafkaClient

@Suite(.timeLimit(.minutes(15))) struct BlockingCallsTests {
    private let calls = BlockingCalls()
    private let begun = AsyncStream<Void>.makeStream()
    private let end = DispatchSemaphore(value: 0)

    /// A call that has begun and ends only when the test says so.
    private func stuckCall() async -> Task<Void, any Error> {
        let (calls, begins, end) = (calls, begun.continuation, end)
        let task = Task {
            try await calls.run("wait") { () throws(KafkaClientError) in
                begins.finish()
                end.wait()
            }
        }
        for await _ in begun.stream {}
        return task
    }

    @Test func aCancelledCallReturnsWhileItIsUnderWay() async {
        let task = await stuckCall()
        task.cancel()
        let result = await task.result
        end.signal()
        let error = #expect(throws: KafkaClientError.self) { try result.get() }
        #expect(error?.code == .cancelled)
    }

    @Test func aCallThatCanHaveNoAnswerReturnsWhileItIsUnderWay() async {
        let task = await stuckCall()
        calls.failAll(KafkaClientError(.brokersUnreachable, "cannot wait: no broker is there"))
        let result = await task.result
        end.signal()
        let error = #expect(throws: KafkaClientError.self) { try result.get() }
        #expect(error?.code == .brokersUnreachable)
    }

    @Test func aCallWhoseAskerWasCancelledBeforeItsTurnIsNotBegun() async throws {
        let first = await stuckCall()
        let second = Task { [calls] in
            try await calls.run("count") { () throws(KafkaClientError) in Issue.record("it has begun") }
        }
        second.cancel()
        _ = await second.result
        end.signal()
        try await first.value
        // Behind the second one's turn.
        try await calls.run("see the end") { () throws(KafkaClientError) in }
    }

    @Test func aCallThatWaitsHoldsUpNoneOfAnotherLane() async throws {
        let calls = BlockingCalls(lanes: 2)
        let (begun, begins) = AsyncStream<Void>.makeStream()
        let end = end
        let stuck = Task {
            try await calls.run("wait") { () throws(KafkaClientError) in
                begins.finish()
                end.wait()
            }
        }
        for await _ in begun {}
        for _ in 0..<3 { try await calls.run("ask") { () throws(KafkaClientError) in } }
        end.signal()
        try await stuck.value
    }

    @Test func aCallThatTakesTooLongIsNotAwaited() async throws {
        let end = end
        let answer: Int? = await calls.finish(within: .milliseconds(1)) {
            end.wait()
            return 1
        }
        #expect(answer == nil)
        end.signal()
        #expect(await calls.finish(within: .seconds(300)) { 2 } == 2)
    }
}
