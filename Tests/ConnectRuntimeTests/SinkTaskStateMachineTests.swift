import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import PipelineTesting
import Testing

@Suite struct SinkTaskStateMachineTests {
    private static let first = TopicPartition(topic: "utenti", partition: 0)
    private static let second = TopicPartition(topic: "utenti", partition: 1)
    private static let start = MonotonicTime(milliseconds: 1_000_000)

    @Test func partitionsAreOpenedAndReadFromWhereTheTaskSays() throws {
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
        #expect(machine.assigned([Self.first, Self.second]) == [.open([Self.first, Self.second])])
        #expect(machine.position(of: Self.first) == nil)
        let actions = machine.opened([Self.first: try start(at: 10), Self.second: try start(at: 0)])
        #expect(actions == [.resume([Self.first: 10, Self.second: 0])])
        #expect(machine.position(of: Self.first) == 10)
    }

    @Test func recordsLostToRetentionAreReportedBeforeReadingBegins() throws {
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
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

    @Test func whatWasTriedForTooLongHasFailedAndIsTriedOn() throws {
        var machine = try running([Self.first], RetryPolicy(timeoutMilliseconds: 5_000, delayMillisecondsMax: 9_000))
        let error = SinkTaskError(.retriable, "storage out of reach")
        #expect(machine.taskFailed(error, now: Self.start).count == 2)
        #expect(machine.status(now: Self.start).state == .degraded)
        _ = machine.timerFired(now: Self.start.advanced(byMilliseconds: 500))
        _ = machine.opened([Self.first: try start(at: 0)])
        let late = Self.start.advanced(byMilliseconds: 5_000)
        #expect(machine.taskFailed(error, now: late) == [.pause([Self.first]), .close([Self.first], .abandoned)])
        let status = machine.status(now: late)
        #expect(status.state == .failed)
        #expect(status.reason?.contains("storage out of reach") == true)
        #expect(status.partitions.first?.unwellMilliseconds == 5_000)
        #expect(machine.nextWake == late.advanced(byMilliseconds: 9_000))
    }

    @Test func permanentErrorIsItsPartitionsAloneAndIsTriedAgain() throws {
        var machine = try running([Self.first, Self.second])
        let error = SinkTaskError(.permanent, "no", partitions: [Self.second])
        #expect(
            machine.taskFailed(error, now: Self.start) == [.pause([Self.second]), .close([Self.second], .abandoned)]
        )
        #expect(machine.position(of: Self.first) == 0)
        #expect(machine.position(of: Self.second) == nil)
        let status = machine.status(now: Self.start)
        #expect(status.state == .degraded)
        #expect(status.partitions.map(\.state) == [.running, .failed])
        #expect(status.reason?.contains("\(Self.second): no") == true)
        let wake = try #require(machine.nextWake)
        #expect(machine.timerFired(now: wake) == [.open([Self.second])])
        _ = machine.opened([Self.second: try start(at: 3)])
        #expect(machine.status(now: wake).partitions.last?.state == .failed)
        _ = machine.durable([Self.second: 3], now: wake)
        #expect(machine.status(now: wake).state == .running)
    }

    @Test func taskWhosePartitionsHaveAllFailedHasFailed() throws {
        var machine = try running([Self.first, Self.second])
        let all = [Self.first, Self.second]
        let actions = machine.taskFailed(SinkTaskError(.permanent, "no"), now: Self.start)
        #expect(actions == [.pause(all), .close(all, .abandoned)])
        #expect(machine.status(now: Self.start).state == .failed)
        #expect(machine.stopRequested().isEmpty)
    }

    @Test func runnerThatEndsByAnErrorHasFailed() throws {
        var machine = try running([Self.first])
        let actions = machine.failed(reason: "the client cannot go on")
        #expect(
            actions == [
                .pause([Self.first]), .close([Self.first], .abandoned),
            ]
        )
        #expect(machine.status(now: Self.start).state == .failed)
        #expect(machine.assigned([Self.first]).isEmpty)
        #expect(machine.timerFired(now: Self.start.advanced(byMilliseconds: 1_000_000)).isEmpty)
        #expect(machine.stopRequested().isEmpty)
    }

    @Test func filingDoesNotWaitForTheAnswerToACommit() throws {
        var machine = try running([Self.first])
        #expect(machine.durable([Self.first: 5], now: Self.start) == [.commit([Self.first: 5])])
        machine.commitBegan(now: Self.start)
        #expect(machine.durable([Self.first: 6], now: Self.start).isEmpty)
        machine.committed([Self.first: 5])
        #expect(machine.durable([Self.first: 6], now: Self.start) == [.commit([Self.first: 6])])
        machine.commitBegan(now: Self.start)
        // An answer that does not come is given up.
        let given = try #require(machine.nextWake)
        #expect(given == Self.start.advanced(byMilliseconds: SinkTaskStateMachine.commitAnswerMilliseconds))
        #expect(machine.timerFired(now: given).isEmpty)
        let again = try #require(machine.nextWake)
        #expect(machine.durable([Self.first: 6], now: again) == [.commit([Self.first: 6])])
        // Before partitions are given up nothing is awaited.
        machine.commitBegan(now: again)
        _ = machine.revoked([Self.first])
        #expect(machine.durable([Self.first: 6], now: again) == [.commit([Self.first: 6])])
    }

    @Test func partitionThatStandsThoughItHasRecordsIsStalled() throws {
        var machine = try running([Self.first, Self.second])
        let ends: [TopicPartition: Int64] = [Self.first: 7, Self.second: 0]
        #expect(machine.observed(ends, now: Self.start).isEmpty)
        let limit = Self.start.advanced(byMilliseconds: SinkTaskStateMachine.standstillMilliseconds)
        #expect(machine.observed(ends, now: limit.advanced(byMilliseconds: -1)).isEmpty)
        #expect(machine.observed(ends, now: limit) == [Self.first])
        #expect(machine.status(now: limit).state == .running)
        #expect(machine.answered(Self.first, end: 7, now: limit) == 0)
        let status = machine.status(now: limit)
        #expect(status.state == .degraded)
        #expect(status.partitions.map(\.state) == [.stalled, .running])
        for words in ["from offset 0", "for 1 minutes", "up to offset 7", "hera repair skip \(Self.first)"] {
            #expect(status.reason?.contains(words) == true, "\(status.reason ?? "")")
        }
        // It is opened again: an operator may have stepped over the unreadable batch.
        #expect(
            machine.takeOverAnew(Self.first, now: limit) == [.pause([Self.first]), .close([Self.first], .handedOver)]
        )
        let wake = try #require(machine.nextWake)
        #expect(machine.timerFired(now: wake) == [.open([Self.first])])
        _ = machine.opened([Self.first: try start(at: 0)])
        #expect(machine.status(now: limit).partitions.map(\.state) == [.stalled, .running])
        // It is told once, and asked about less and less often.
        #expect(machine.observed(ends, now: limit).isEmpty)
        let again = limit.advanced(byMilliseconds: SinkTaskStateMachine.standstillMilliseconds)
        #expect(machine.observed(ends, now: again) == [Self.first])
        #expect(machine.answered(Self.first, end: nil, now: again) == nil)
        #expect(machine.observed(ends, now: again.advanced(byMilliseconds: 60_000)).isEmpty)
        machine.put(SinkRecords.batch(["{}"]), highWatermark: 7)
        #expect(machine.status(now: again).state == .running)
    }

    @Test func openTransactionIsNoStandstill() throws {
        var machine = try running([Self.first])
        #expect(machine.observed([Self.first: 7], now: Self.start).isEmpty)
        let limit = Self.start.advanced(byMilliseconds: SinkTaskStateMachine.standstillMilliseconds)
        #expect(machine.observed([Self.first: 7], now: limit) == [Self.first])
        #expect(machine.answered(Self.first, end: 0, now: limit) == nil)
        #expect(machine.status(now: limit).state == .running)
    }

    @Test func recordThatTheSinkKnowsIsReadBeforeThePlaceOfThePartition() throws {
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
        _ = machine.assigned([Self.first])
        let print = RecordFingerprint(offset: 4, timestamp: 1, checksum: "00000000")
        let start = try PartitionStart(
            .init(
                Self.first,
                sink: SinkStart(next: 7, fingerprint: print),
                group: nil,
                reset: .none,
                earliest: 0,
                latest: 7
            )
        )
        #expect(machine.opened([Self.first: start]) == [.resume([Self.first: 4])])
        #expect(machine.position(of: Self.first) == 7)
        #expect(machine.takeExpected(of: Self.first) == print)
        #expect(machine.takeExpected(of: Self.first) == nil)
    }

    @Test func causesOfDeadLettersAreNewsOnce() {
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
        let news = [(3, "a"), (1, "b"), (2, "a")].map { machine.setAside($0.0, because: $0.1) }
        #expect(news == [true, true, false])
        #expect(machine.status(now: Self.start).deadLetters == ["a": 5, "b": 1])
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

    @Test func taskThatHasEndedKeepsItsFigures() throws {
        var machine = try running([Self.first])
        machine.put(SinkRecords.batch(["{}"]), highWatermark: 5)
        _ = machine.stopRequested()
        machine.released([Self.first])
        let status = machine.status(now: Self.start)
        #expect(status.state == .stopped)
        #expect(status.partitions.map(\.delivered) == [1])
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
        machine.put(SinkRecords.batch(["{}"]), highWatermark: 5)
        #expect(machine.status(now: Self.start).partitions.first?.lag == 4)
        // However long the sink may wait before it files.
        let deadline = Self.start.advanced(byMilliseconds: 86_400_000)
        machine.deadlineSet(deadline)
        #expect(machine.nextWake == deadline)
        let limit = deadline.advanced(byMilliseconds: SinkTaskStateMachine.stallMilliseconds)
        #expect(machine.status(now: limit).state == .running)
        let late = limit.advanced(byMilliseconds: 1)
        #expect(machine.status(now: late).state == .degraded)
        _ = machine.durable([Self.first: 1], now: late)
        #expect(machine.status(now: late).state == .running)
    }

    @Test func whatIsDueWaitsForTheClustersAnswer() throws {
        var machine = try running([Self.first])
        machine.put(SinkRecords.batch(["{}"]), highWatermark: 1)
        machine.deadlineSet(Self.start)
        #expect(machine.mayFile(now: Self.start))
        var news = machine.filingWaits("no answer", now: Self.start)
        #expect(news && !machine.mayFile(now: Self.start))
        let status = machine.status(now: Self.start)
        #expect(status.state == .degraded)
        #expect(status.reason?.contains("no answer") == true)
        let again = Self.start.advanced(byMilliseconds: SinkTaskStateMachine.questionRetryMilliseconds)
        #expect(machine.nextWake == again, "the deadline has passed, and would wake the runner without end")
        #expect(machine.mayFile(now: again))
        news = machine.filingWaits("no answer", now: again)
        #expect(!news, "it is told once")
        machine.filingGoesOn()
        #expect(machine.mayFile(now: again) && machine.nextWake == Self.start)
        #expect(machine.status(now: again).state == .running)
        news = machine.filingWaits("no answer", now: again)
        #expect(news)
    }

    @Test func workThatDoesNotEndDegradesTheTask() throws {
        var machine = try running([Self.first])
        machine.workBegan(now: Self.start)
        let limit = Self.start.advanced(byMilliseconds: SinkTaskStateMachine.stallMilliseconds)
        #expect(machine.status(now: limit).state == .running)
        let late = limit.advanced(byMilliseconds: 1)
        #expect(machine.status(now: late).state == .degraded)
        machine.deadlineSet(nil)
        #expect(machine.status(now: late).state == .running)
    }

    @Test func partitionsGoOnWithoutTheOneThatCannotBeTakenOver() throws {
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
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
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
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

    @Test func permanentErrorOfOpeningLeavesTheOthersAlone() throws {
        var machine = SinkTaskStateMachine(retry: RetryPolicy())
        let both = [Self.first, Self.second]
        _ = machine.assigned(both)
        let error = SinkTaskError(.permanent, "no", partitions: [Self.second])
        let actions = machine.openFailed(both, error, now: Self.start)
        #expect(
            actions == [
                .pause([Self.second]), .close([Self.second], .abandoned),
                .close([Self.first], .abandoned), .open([Self.first]),
            ]
        )
    }

    @Test func partitionsThatFailTogetherKeepTheirOwnErrors() throws {
        var machine = try running([Self.first, Self.second])
        let full = SinkTaskError(.retriable, "the disk is full", partitions: [Self.first])
        let damaged = SinkTaskError(.permanent, "a record is damaged", partitions: [Self.second])
        let error = try #require(SinkTaskError(uniting: [full, damaged]))
        let both = [Self.first, Self.second]
        #expect(machine.taskFailed(error, now: Self.start) == [.pause(both), .close(both, .abandoned)])
        let partitions = machine.status(now: Self.start).partitions
        #expect(partitions.map(\.state) == [.degraded, .failed])
        #expect(partitions.first?.reason?.contains("damaged") == false)
        #expect(partitions.last?.reason?.contains("a record is damaged") == true)
    }

    @Test func partitionWithNothingToFileRecoversWhenItIsTakenOver() throws {
        var machine = SinkTaskStateMachine(retry: RetryPolicy(timeoutMilliseconds: 5_000))
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
        let error = SinkTaskError(.retriable, "the first offset is unknown")
        let actions = machine.positionUncertain(Self.first, error, now: Self.start)
        #expect(actions == [.pause([Self.first]), .close([Self.first], .handedOver)])
        #expect(machine.positionUncertain(Self.first, error, now: Self.start).isEmpty)
        let status = machine.status(now: Self.start)
        #expect(status.state == .degraded)
        #expect(status.reason?.contains("the first offset is unknown") == true)
    }

    @Test func stoppingGivesAllPartitionsUp() throws {
        var machine = try running([Self.first, Self.second])
        #expect(machine.stopRequested() == [.close([Self.first, Self.second], .handedOver)])
        #expect(machine.durable([Self.first: 3], now: Self.start) == [.commit([Self.first: 3])])
        #expect(machine.status(now: Self.start).state == .stopped)
    }

    private func running(
        _ partitions: [TopicPartition],
        _ retry: RetryPolicy = RetryPolicy(delayMillisecondsMax: 2_500)
    ) throws -> SinkTaskStateMachine {
        var machine = SinkTaskStateMachine(retry: retry)
        _ = machine.assigned(partitions)
        var starts: [TopicPartition: PartitionStart] = [:]
        for partition in partitions { starts[partition] = try start(at: 0) }
        _ = machine.opened(starts)
        return machine
    }

    private func start(at sink: Int64, earliest: Int64 = 0, latest: Int64 = 1_000) throws -> PartitionStart {
        try PartitionStart(
            .init(
                Self.first,
                sink: SinkStart(next: sink),
                group: nil,
                reset: .none,
                earliest: earliest,
                latest: latest
            )
        )
    }
}
