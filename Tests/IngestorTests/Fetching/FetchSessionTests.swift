import KafkaProtocol
import NIOCore
import Testing

@testable import Ingestor

/// Fetch sessions as KIP-227 has them.
@Suite struct FetchSessionTests {
    private static func request(
        _ partitions: [(String, Int32)] = [],
        session: Int32 = 0,
        epoch: Int32 = 0,
        forgets: [(String, Int32)] = [],
        offset: Int64 = 0
    ) -> FetchRequest {
        FetchRequest(
            replicaID: -1,
            sessionID: session,
            sessionEpoch: epoch,
            topics: partitions.map {
                .init(name: $0.0, partitions: [.init(partition: $0.1, fetchOffset: offset, maxByteCount: 1)])
            },
            forgottenTopics: forgets.map { .init(name: $0.0, partitions: [$0.1]) }
        )
    }

    /// The answer to a whole request: no records but in `withRecords`, ends as given.
    private static func response(
        to whole: FetchRequest,
        end: Int64 = 5,
        withRecords: Set<Int32> = [],
        failing: Set<Int32> = []
    ) -> FetchResponse {
        FetchResponse(
            throttleMilliseconds: 0,
            topics: whole.topics.map { topic in
                .init(
                    name: topic.name,
                    id: topic.id,
                    partitions: topic.partitions.map {
                        .init(
                            partition: $0.partition,
                            errorCode: failing.contains($0.partition) ? .unknownTopicOrPartition : .none,
                            highWatermark: end,
                            logStartOffset: 0,
                            records: withRecords.contains($0.partition)
                                ? .external(byteCount: 100) : .bytes(ByteBuffer())
                        )
                    }
                )
            }
        )
    }

    private func partitions(_ topics: [FetchRequest.Topic]) -> [Int32] {
        topics.flatMap { $0.partitions.map(\.partition) }
    }
    private func partitions(_ response: FetchResponse) -> [Int32] {
        response.topics.flatMap { $0.partitions.map(\.partition) }
    }

    private let three: [(String, Int32)] = [("a", 0), ("a", 1), ("b", 2)]

    @Test func theFirstAnswerHasEverythingAndLaterOnesWhatIsNew() {
        var session = FetchSession(id: 7, Self.request(three), usesTopicIDs: false)
        let first = session.whole(Self.request(three))
        #expect(first.topics.map(\.name) == ["a", "b"])
        var response = Self.response(to: first)
        session.answered(by: &response, isFirst: true)
        #expect(partitions(response) == [0, 1, 2])
        #expect(response.sessionID == 7)

        let nothing = Self.request(session: 7, epoch: 1)
        #expect(session.take(nothing, usesTopicIDs: false) == nil)
        var second = Self.response(to: session.whole(nothing), withRecords: [1])
        #expect(partitions(second) == [0, 1, 2])
        session.answered(by: &second, isFirst: false)
        #expect(partitions(second) == [1], "records are news")

        #expect(session.take(Self.request(session: 7, epoch: 2), usesTopicIDs: false) == nil)
        var third = Self.response(to: session.whole(nothing), end: 6)
        #expect(partitions(third) == [0, 2, 1], "what had records comes last")
        session.answered(by: &third, isFirst: false)
        #expect(partitions(third) == [0, 2, 1], "a new end is news")

        #expect(session.take(Self.request(session: 7, epoch: 3), usesTopicIDs: false) == nil)
        var fourth = Self.response(to: session.whole(nothing), end: 6)
        session.answered(by: &fourth, isFirst: false)
        #expect(fourth.topics.isEmpty)
    }

    @Test func anErrorIsToldEachTimeAndItsEndToo() {
        var session = FetchSession(id: 7, Self.request(three), usesTopicIDs: false)
        var told: [[Int32]] = []
        for (epoch, failing) in [(0, Set<Int32>()), (1, [1]), (2, [1]), (3, []), (4, [])] {
            if epoch > 0 {
                #expect(session.take(Self.request(session: 7, epoch: Int32(epoch)), usesTopicIDs: false) == nil)
            }
            var response = Self.response(to: session.whole(Self.request()), failing: failing)
            session.answered(by: &response, isFirst: epoch == 0)
            told.append(partitions(response))
        }
        #expect(told == [[0, 1, 2], [1], [1], [1], []])
    }

    @Test func partitionsAreAddedChangedAndForgotten() throws {
        var session = FetchSession(id: 7, Self.request(three), usesTopicIDs: false)
        let bytes = session.byteCount
        var response = Self.response(to: session.whole(Self.request()))
        session.answered(by: &response, isFirst: true)
        let change = Self.request(
            [("a", 1), ("c", 3)],
            session: 7,
            epoch: 1,
            forgets: [("a", 0), ("never", 9)],
            offset: 40
        )
        #expect(session.take(change, usesTopicIDs: false) == nil)
        let whole = session.whole(change)
        #expect(partitions(whole.topics) == [1, 2, 3])
        #expect(whole.topics.flatMap { $0.partitions.map(\.fetchOffset) } == [40, 0, 40])
        #expect(session.byteCount == bytes)
        #expect(session.partitionCount == 3)
    }

    @Test func onlyTheNextRequestIsTaken() {
        var session = FetchSession(id: 7, Self.request(three), usesTopicIDs: true)
        let next = Self.request(session: 7, epoch: 1)
        #expect(session.take(next, usesTopicIDs: true) == .invalidFetchSessionEpoch, "the first is being answered")
        var response = Self.response(to: session.whole(next))
        session.answered(by: &response, isFirst: true)
        #expect(session.take(Self.request(session: 7, epoch: 2), usesTopicIDs: true) == .invalidFetchSessionEpoch)
        #expect(session.take(next, usesTopicIDs: false) == .fetchSessionTopicIDError)
        #expect(session.take(next, usesTopicIDs: true) == nil)
    }

    // MARK: All sessions

    private func begin(_ sessions: FetchSessions, _ partitions: [(String, Int32)], at now: NIODeadline) -> Int32 {
        guard
            case .inSession(let turn, let whole) = sessions.course(of: Self.request(partitions), version: 11, now: now)
        else { return 0 }
        var response = Self.response(to: whole)
        turn.end(with: &response)
        return response.sessionID
    }

    @Test func aSessionGoesOnUntilItIsEnded() throws {
        let sessions = FetchSessions(IngestorLimits())
        let id = begin(sessions, three, at: .uptimeNanoseconds(0))
        #expect(id > 0)
        let next = Self.request(session: id, epoch: 1)
        guard case .inSession(let turn, let whole) = sessions.course(of: next, version: 11, now: .now()) else {
            Issue.record("the session does not go on")
            return
        }
        #expect(partitions(whole.topics) == [0, 1, 2])
        var response = Self.response(to: whole)
        turn.end(with: &response)
        guard case .alone = sessions.course(of: Self.request(three, session: id, epoch: -1), version: 11, now: .now())
        else {
            Issue.record("the last request is in a session")
            return
        }
        #expect(sessions.count == 0)
        guard case .refused(.fetchSessionIDNotFound) = sessions.course(of: next, version: 11, now: .now()) else {
            Issue.record("the session is still there")
            return
        }
    }

    @Test func aSessionWithoutPartitionsEnds() {
        let sessions = FetchSessions(IngestorLimits())
        let id = begin(sessions, [("a", 0)], at: .uptimeNanoseconds(0))
        let last = Self.request(session: id, epoch: 1, forgets: [("a", 0)])
        guard case .alone = sessions.course(of: last, version: 11, now: .now()) else {
            Issue.record("the session goes on")
            return
        }
        #expect(sessions.count == 0)
    }

    @Test func slotsAndBytesAreBounded() {
        var limits = IngestorLimits()
        limits.fetchSessionsMax = 2
        limits.fetchSessionsBytesMax = 5 * 230
        let sessions = FetchSessions(limits)
        let first = begin(sessions, [("a", 0)], at: .uptimeNanoseconds(0))
        let second = begin(sessions, [("a", 0)], at: .uptimeNanoseconds(0) + .seconds(60))
        #expect(first != 0 && second != 0)
        #expect(begin(sessions, [("a", 0)], at: .uptimeNanoseconds(0) + .seconds(119)) == 0, "no slot is free")
        #expect(begin(sessions, [("a", 0)], at: .uptimeNanoseconds(0) + .seconds(121)) != 0, "the first is old")
        guard
            case .refused(.fetchSessionIDNotFound) = sessions.course(
                of: Self.request(session: first, epoch: 1),
                version: 11,
                now: .uptimeNanoseconds(0) + .seconds(121)
            )
        else {
            Issue.record("the oldest session is still there")
            return
        }
        let many = (0..<Int32(5)).map { ("a", $0) }
        let grown = Self.request(many, session: second, epoch: 1)
        guard
            case .refused(.fetchSessionIDNotFound) = sessions.course(
                of: grown,
                version: 11,
                now: .uptimeNanoseconds(0) + .seconds(121)
            )
        else {
            Issue.record("a session takes more than there is")
            return
        }
        #expect(sessions.count == 1)
    }
}
