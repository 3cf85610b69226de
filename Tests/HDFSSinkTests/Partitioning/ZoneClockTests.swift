import ConnectAPI
import Foundation
import HDFSSink
import KafkaTopics
import Testing

@Suite struct ZoneClockTests {
    /// Around the changes of 2025: the boundary is what the clocks show next, or the change where they leave it out.
    @Test(arguments: [
        ("2025-03-30T00:30:00Z", "2025-03-30T01:00:00Z"),
        ("2025-10-26T00:30:00Z", "2025-10-26T01:00:00Z"),
        ("2025-10-26T01:30:00Z", "2025-10-26T02:00:00Z"),
        ("2025-06-01T10:00:00Z", "2025-06-01T11:00:00Z"),
    ])
    func hourEndsOnTheClock(time: String, boundary: String) throws {
        let clock = try ZoneClock(timeZone: "Europe/Rome")
        #expect(try clock.boundary(behind: moment(time), every: 3_600_000) == moment(boundary))
    }

    @Test(arguments: ["Europe/Rome", "America/St_Johns", "Australia/Lord_Howe", "UTC"], [1_800_000, 86_400_000])
    func clocksShowAMultipleAtABoundary(zone: String, interval: Int64) throws {
        let clock = try ZoneClock(timeZone: zone)
        let table = try #require(TimeZone(identifier: zone))
        let start = try moment("2025-03-28T00:00:00Z")
        for step in stride(from: Int64(0), to: 300 * 86_400_000, by: 2_999_999) {
            let time = start.advanced(byMilliseconds: step)
            let boundary = clock.boundary(behind: time, every: interval)
            #expect(boundary > time)
            #expect(boundary.milliseconds(since: time) <= interval + 3_600_000)
            let date = Date(timeIntervalSince1970: Double(boundary.milliseconds) / 1000)
            #expect((boundary.milliseconds + Int64(table.secondsFromGMT(for: date)) * 1000) % interval == 0)
        }
    }

    private func moment(_ text: String) throws -> Timestamp {
        let date = try #require(ISO8601DateFormatter().date(from: text))
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }
}
