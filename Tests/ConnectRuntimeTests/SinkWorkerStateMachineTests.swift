import ConnectAPI
import ConnectRuntime
import KafkaTopics
import Testing

@Suite struct SinkWorkerStateMachineTests {
    private static let first = TopicPartition(topic: "utenti", partition: 0)
    private static let second = TopicPartition(topic: "utenti", partition: 1)
    private static let start = MonotonicTime(milliseconds: 1_000_000)

    @Test func partitionsAreOpenedAndReadFromWhereTheTaskSays() throws {
        var machine = SinkWorkerStateMachine(retry: RetryPolicy())
        #expect(machine.assigned([Self.first, Self.second]) == [.open([Self.first, Self.second])])
        #expect(machine.position(of: Self.first) == nil)
        let actions = machine.opened([Self.first: try start(at: 10), Self.second: try start(at: 0)])
        #expect(actions == [.resume([Self.first: 10, Self.second: 0])])
        #expect(machine.position(of: Self.first) == 10)
    }

    @Test func recordsLostToRetentionAreReportedBeforeReadingBegins() throws {
        var machine = SinkWorkerStateMachine(retry: RetryPolicy())
        _ = machine.assigned([Self.first])
        let actions = machine.opened([Self.first: try start(at: 10, earliest: 15)])
        #expect(actions == [.reportLoss(Self.first, offsets: 10..<15), .resume([Self.first: 15])])
        #expect(machine.position(of: Self.first) == 10)
    }

    @Test func afterARetriableErrorPartitionsAreOpenedAgainLaterAndLater() throws {
        var machine = try running([Self.first, Self.second])
        let error = SinkTaskError(.retriable, "storage out of reach", partitions: [Self.first])
        var now = Self.start
        for delay: Int64 in [500, 1_000, 2_000, 2_500, 2_500] {
            let actions = machine.taskFailed(error, now: now)
            #expect(actions == [.pause([Self.first]), .close([Self.first], .abandoned)])
            #expect(machine.position(of: Self.first) == nil)
            #expect(machine.position(of: Self.second) == 0)
            let wake = try #require(machine.nextWake)
            #expect(wake == now.advanced(byMilliseconds: delay))
            #expect(machine.timerFired(now: wake.advanced(byMilliseconds: -1)).isEmpty)
            #expect(machine.timerFired(now: wake) == [.open([Self.first])])
            #expect(machine.opened([Self.first: try start(at: 0)]) == [.resume([Self.first: 0])])
            now = wake
        }
        #expect(machine.status(now: now).state == .degraded)
        _ = machine.durable([Self.first: 1], now: now)
        #expect(machine.status(now: now).state == .running)
        _ = machine.taskFailed(error, now: now)
        #expect(machine.nextWake == now.advanced(byMilliseconds: 500))
    }

    @Test func theTaskEndsWhenItWasTriedForTooLong() throws {
        var machine = try running([Self.first], RetryPolicy(timeoutMilliseconds: 5_000))
        let error = SinkTaskError(.retriable, "storage out of reach")
        #expect(machine.taskFailed(error, now: Self.start).count == 2)
        _ = machine.timerFired(now: Self.start.advanced(byMilliseconds: 500))
        _ = machine.opened([Self.first: try start(at: 0)])
        let actions = machine.taskFailed(error, now: Self.start.advanced(byMilliseconds: 5_000))
        guard case .end(let reason?) = actions.last else {
            Issue.record("the task went on: \(actions)")
            return
        }
        #expect(reason.contains("storage out of reach"))
        let status = machine.status(now: Self.start)
        #expect(status.state == .failed)
        #expect(status.reason == reason)
    }

    @Test func permanentErrorEndsTheWholeTaskAndNothingGoesOn() throws {
        var machine = try running([Self.first, Self.second])
        let actions = machine.taskFailed(SinkTaskError(.permanent, "no"), now: Self.start)
        let all = [Self.first, Self.second]
        #expect(actions == [.pause(all), .close(all, .abandoned), .end(reason: "no")])
        #expect(machine.assigned([Self.first]).isEmpty)
        #expect(machine.position(of: Self.first) == nil)
        #expect(machine.timerFired(now: Self.start.advanced(byMilliseconds: 1_000_000)).isEmpty)
        #expect(machine.stopRequested().isEmpty)
    }

    @Test func revokedPartitionsAreFiledAndCommittedLostOnesAreNot() throws {
        var machine = try running([Self.first, Self.second])
        #expect(machine.revoked([Self.first]) == [.close([Self.first], .handedOver)])
        #expect(machine.durable([Self.first: 5], now: Self.start) == [.commit([Self.first: 5])])
        machine.released([Self.first])
        #expect(machine.lost([Self.second]) == [.close([Self.second], .lost)])
        #expect(machine.durable([Self.second: 5], now: Self.start).isEmpty)
        #expect(machine.status(now: Self.start).state == .unassigned)
    }

    @Test func offsetsThatTheGroupRefusedAreCommittedAgain() throws {
        var machine = try running([Self.first])
        #expect(machine.durable([Self.first: 5], now: Self.start) == [.commit([Self.first: 5])])
        machine.commitFailed(now: Self.start)
        #expect(machine.durable([Self.first: 5], now: Self.start).isEmpty)
        let later = try #require(machine.nextWake)
        #expect(machine.durable([Self.first: 5], now: later) == [.commit([Self.first: 5])])
        machine.committed([Self.first: 5])
        #expect(machine.durable([Self.first: 5], now: later).isEmpty)
        #expect(machine.nextWake == nil)
    }

    @Test func recordsThatDoNotBecomeDurableDegradeTheTask() throws {
        var machine = try running([Self.first])
        machine.put(batch(["{}"]), highWatermark: 5)
        #expect(machine.status(now: Self.start).partitions.first?.lag == 4)
        // However long the sink may wait before it files.
        let deadline = Self.start.advanced(byMilliseconds: 86_400_000)
        machine.deadlineSet(deadline)
        #expect(machine.nextWake == deadline)
        let limit = deadline.advanced(byMilliseconds: SinkWorkerStateMachine.stallMilliseconds)
        #expect(machine.status(now: limit).state == .running)
        let late = limit.advanced(byMilliseconds: 1)
        #expect(machine.status(now: late).state == .degraded)
        _ = machine.durable([Self.first: 1], now: late)
        #expect(machine.status(now: late).state == .running)
    }

    @Test func workThatDoesNotEndDegradesTheTask() throws {
        var machine = try running([Self.first])
        machine.workBegan(now: Self.start)
        let limit = Self.start.advanced(byMilliseconds: SinkWorkerStateMachine.stallMilliseconds)
        #expect(machine.status(now: limit).state == .running)
        let late = limit.advanced(byMilliseconds: 1)
        #expect(machine.status(now: late).state == .degraded)
        machine.deadlineSet(nil)
        #expect(machine.status(now: late).state == .running)
    }

    @Test func partitionsGoOnWithoutTheOneThatCannotBeTakenOver() throws {
        var machine = SinkWorkerStateMachine(retry: RetryPolicy())
        _ = machine.assigned([Self.first, Self.second])
        let error = SinkTaskError(.retriable, "storage out of reach", partitions: [Self.first])
        let actions = machine.openFailed([Self.first, Self.second], error, now: Self.start)
        #expect(
            actions == [
                .pause([Self.first]), .close([Self.first], .abandoned),
                .close([Self.second], .abandoned), .open([Self.second]),
            ]
        )
        #expect(machine.opened([Self.second: try start(at: 0)]) == [.resume([Self.second: 0])])
        let wake = try #require(machine.nextWake)
        #expect(machine.timerFired(now: wake) == [.open([Self.first])])
    }

    @Test func openingThatFailsForNoneInParticularIsTriedAgainForAll() throws {
        var machine = SinkWorkerStateMachine(retry: RetryPolicy())
        let both = [Self.first, Self.second]
        _ = machine.assigned(both)
        let other = TopicPartition(topic: "premi", partition: 0)
        for named in [[], [other]] {
            let error = SinkTaskError(.retriable, "storage out of reach", partitions: named)
            #expect(machine.openFailed(both, error, now: Self.start) == [.pause(both), .close(both, .abandoned)])
            let wake = try #require(machine.nextWake)
            #expect(machine.timerFired(now: wake) == [.open(both)])
        }
    }

    @Test func permanentErrorOfOpeningClosesWhatTheTaskTookOver() throws {
        var machine = SinkWorkerStateMachine(retry: RetryPolicy())
        let both = [Self.first, Self.second]
        _ = machine.assigned(both)
        let error = SinkTaskError(.permanent, "no", partitions: [Self.second])
        let actions = machine.openFailed(both, error, now: Self.start)
        #expect(actions == [.pause(both), .close(both, .abandoned), .end(reason: "\(Self.second): no")])
    }

    @Test func partitionWithNothingToFileRecoversWhenItIsTakenOver() throws {
        var machine = SinkWorkerStateMachine(retry: RetryPolicy(timeoutMilliseconds: 5_000))
        let error = SinkTaskError(.retriable, "storage out of reach", partitions: [Self.first])
        _ = machine.assigned([Self.first])
        _ = machine.openFailed([Self.first], error, now: Self.start)
        var now = try #require(machine.nextWake)
        #expect(machine.timerFired(now: now) == [.open([Self.first])])
        _ = machine.opened([Self.first: try start(at: 7, latest: 7)])
        _ = machine.durable([Self.first: 7], now: now)
        #expect(machine.status(now: now).state == .running)
        now = now.advanced(byMilliseconds: 86_400_000)
        let actions = machine.taskFailed(error, now: now)
        #expect(actions == [.pause([Self.first]), .close([Self.first], .abandoned)])
    }

    @Test(arguments: [true, false])
    func whatTheGroupRefusedIsCommittedBeforePartitionsAreGivenUp(isStopped: Bool) throws {
        var machine = try running([Self.first])
        _ = machine.durable([Self.first: 5], now: Self.start)
        machine.commitFailed(now: Self.start)
        _ = isStopped ? machine.stopRequested() : machine.revoked([Self.first])
        #expect(machine.durable([Self.first: 5], now: Self.start) == [.commit([Self.first: 5])])
    }

    @Test func partitionWhoseBatchWasNotTakenIsOpenedAgainWhateverTheErrorNames() throws {
        var machine = try running([Self.first, Self.second])
        let error = SinkTaskError(.fenced, "taken over", partitions: [Self.first])
        let actions = machine.putFailed(Self.second, error, now: Self.start)
        let both = [Self.first, Self.second]
        #expect(actions == [.pause(both), .close(both, .abandoned)])
    }

    @Test func whatIsHeldIsFiledBeforeAPartitionWhosePositionIsUncertainIsOpenedAgain() throws {
        var machine = try running([Self.first], RetryPolicy(timeoutMilliseconds: 0))
        let error = SinkTaskError(.retriable, "nobody says what is gone")
        let actions = machine.positionUncertain(Self.first, error, now: Self.start)
        #expect(actions == [.pause([Self.first]), .close([Self.first], .handedOver)])
        #expect(machine.positionUncertain(Self.first, error, now: Self.start).isEmpty)
        let status = machine.status(now: Self.start)
        #expect(status.state == .degraded)
        #expect(status.reason?.contains("nobody says what is gone") == true)
    }

    @Test func stoppingGivesAllPartitionsUp() throws {
        var machine = try running([Self.first, Self.second])
        #expect(machine.stopRequested() == [.close([Self.first, Self.second], .handedOver), .end(reason: nil)])
        #expect(machine.durable([Self.first: 3], now: Self.start) == [.commit([Self.first: 3])])
        #expect(machine.status(now: Self.start).state == .stopped)
    }

    private func running(
        _ partitions: [TopicPartition],
        _ retry: RetryPolicy = RetryPolicy(delayMillisecondsMax: 2_500)
    ) throws -> SinkWorkerStateMachine {
        var machine = SinkWorkerStateMachine(retry: retry)
        _ = machine.assigned(partitions)
        var starts: [TopicPartition: PartitionStart] = [:]
        for partition in partitions { starts[partition] = try start(at: 0) }
        _ = machine.opened(starts)
        return machine
    }

    private func start(at sink: Int64, earliest: Int64 = 0, latest: Int64 = 1_000) throws -> PartitionStart {
        try PartitionStart(.init(sink: sink, group: nil, reset: .none, earliest: earliest, latest: latest))
    }
}
