import Foundation
import HDFSSink
import Testing

@Suite struct TimeBasedPartitionerTests {
    private func partitioner(
        _ format: String = "YYYY/MM/dd/HH",
        locale: String = "fr-FR",
        zone: String = "Europe/Paris",
        duration: Int64 = 600_000
    ) throws -> TimeBasedPartitioner {
        try TimeBasedPartitioner(
            pathFormat: format,
            locale: locale,
            timeZone: zone,
            durationMilliseconds: duration
        )
    }

    /// Milliseconds since 1970 of an ISO 8601 moment.
    private func moment(_ text: String) throws -> Int64 {
        let date = try #require(ISO8601DateFormatter().date(from: text))
        return Int64(date.timeIntervalSince1970 * 1000)
    }

    @Test(arguments: [
        ("2021-03-24T10:59:59Z", "2021/03/24/11"),
        // The last day of a year stays in its year, though its week belongs to the next.
        ("2024-12-31T12:00:00Z", "2024/12/31/13"),
        ("2024-12-31T22:59:59Z", "2024/12/31/23"),
        ("2024-12-31T23:00:00Z", "2025/01/01/00"),
        ("2027-01-01T12:00:00Z", "2027/01/01/13"),
        // Clocks go forward: there is no hour 02 on this day.
        ("2025-03-30T00:59:59Z", "2025/03/30/01"),
        ("2025-03-30T01:00:00Z", "2025/03/30/03"),
        // Clocks go back: hour 02 comes twice, and has one directory.
        ("2025-10-25T23:59:59Z", "2025/10/26/01"),
        ("2025-10-26T00:00:00Z", "2025/10/26/02"),
        ("2025-10-26T01:00:00Z", "2025/10/26/02"),
        ("2025-10-26T01:59:59Z", "2025/10/26/02"),
        ("2025-10-26T02:00:00Z", "2025/10/26/03"),
        ("2024-02-29T12:00:00Z", "2024/02/29/13"),
        ("1969-12-31T22:59:59Z", "1969/12/31/23"),
    ])
    func hourIsTheZones(time: String, path: String) throws {
        var partitioner = try partitioner()
        #expect(partitioner.directory(at: try moment(time)) == path)
    }

    @Test(arguments: [
        ("'year='YYYY/'month'=MM/'day'=dd", "year=2024/month=12/day=31"),
        ("yy-M-d", "24-12-31"),
        ("xxxx/ww/e", "2025/01/2"),
        ("DDD", "366"),
        ("yyyy/MMMM/EEEE", "2024/décembre/mardi"),
        ("hh a", "12 AM"),
        ("kk.KK.HH", "24.00.00"),
        ("HHmmss.SSS", "003005.250"),
        ("HH Z ZZ ZZZ", "00 +0100 +01:00 Europe/Paris"),
        ("CC G", "20 ap. J.-C."),
        ("HH 'h''h'", "00 h'h"),
        ("''YYYY", "'2024"),
    ])
    func lettersAreThoseOfJodaTime(format: String, path: String) throws {
        var partitioner = try partitioner(format, duration: 1)
        #expect(partitioner.directory(at: try moment("2024-12-30T23:30:05Z") + 250) == path)
    }

    @Test func namesAreInTheLocale() throws {
        var italian = try partitioner("MMMM EEEE", locale: "it_IT", zone: "Europe/Rome")
        var english = try partitioner("MMM EEE", locale: "", zone: "UTC")
        let time = try moment("2021-08-11T10:00:00Z")
        #expect(italian.directory(at: time) == "agosto mercoledì")
        #expect(english.directory(at: time) == "Aug Wed")
    }

    @Test func timeIsRoundedDownToTheDuration() throws {
        var partitioner = try partitioner("HH-mm", zone: "Asia/Kolkata", duration: 1_800_000)
        #expect(partitioner.directory(at: try moment("2021-03-24T10:59:59Z")) == "16-00")
        #expect(partitioner.directory(at: try moment("2021-03-24T11:00:00Z")) == "16-30")
    }

    @Test(arguments: [
        ("2025-06-01T09:20:00Z", "2025-06-01T09:00:00Z", "2025-06-01T10:00:00Z"),
        ("2025-10-26T00:30:00Z", "2025-10-26T00:00:00Z", "2025-10-26T01:00:00Z"),
        ("2025-03-30T01:30:00Z", "2025-03-30T01:00:00Z", "2025-03-30T02:00:00Z"),
    ])
    func spanIsTheDirectorysHour(time: String, start: String, end: String) throws {
        var partitioner = try partitioner()
        #expect(try partitioner.span(at: moment(time)) == moment(start)..<moment(end))
    }

    @Test func spanOfADayIsCutWhereTheClocksChange() throws {
        var daily = try partitioner("YYYY/MM/dd", duration: 86_400_000)
        #expect(
            try daily.span(at: moment("2025-03-30T10:00:00Z"))
                == moment("2025-03-30T01:00:00Z")..<moment("2025-03-30T22:00:00Z")
        )
        #expect(
            try daily.span(at: moment("2025-03-29T23:30:00Z"))
                == moment("2025-03-29T23:00:00Z")..<moment("2025-03-30T01:00:00Z")
        )
        #expect(daily.directory(at: try moment("2025-03-29T23:30:00Z")) == "2025/03/30")
    }

    @Test(arguments: ["Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"])
    func directoryIsTheSameThroughoutItsSpan(zone: String) throws {
        var cached = try partitioner("YYYY/MM/dd/HH ZZ", zone: zone)
        let start = try moment("2025-03-28T00:00:00Z")
        for step in stride(from: Int64(0), to: 400 * 86_400_000, by: 2_999_999) {
            var fresh = try step % 50 == 0 ? partitioner("YYYY/MM/dd/HH ZZ", zone: zone) : cached
            let time = start + step
            let span = cached.span(at: time)
            #expect(span.contains(time))
            #expect(cached.directory(at: span.lowerBound) == fresh.directory(at: time))
            #expect(cached.directory(at: span.upperBound - 1) == fresh.directory(at: time))
        }
    }

    @Test(arguments: [
        ("YYYY/bb", "path.format"), ("YYYY/'open", "path.format"), ("", "path.format"), ("YYYY//MM", "path.format"),
        ("/YYYY", "path.format"), ("'_'YYYY", "path.format"), ("'..'/YYYY", "path.format"), ("YYYY z", "path.format"),
        ("YYYY/Z", "path.format"), ("ZZ/YYYY", "path.format"),
    ])
    func badFormatIsExplained(format: String, key: String) throws {
        let error = #expect(throws: PartitionerError.self) { try partitioner(format) }
        #expect(error?.key == key)
    }

    @Test func badZoneLocaleAndDurationAreExplained() throws {
        #expect(throws: PartitionerError.self) { try partitioner(zone: "Europe/Atlantis") }
        #expect(throws: PartitionerError.self) { try partitioner(locale: "qqq") }
        #expect(throws: PartitionerError.self) { try partitioner(duration: 0) }
        #expect(throws: PartitionerError.self) { try partitioner(duration: 86_400_001) }
    }
}
