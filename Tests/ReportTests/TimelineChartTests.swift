import Analysis
import Foundation
import Testing

@testable import Report

@Suite struct TimelineChartTests {
    /// Hours from the beginning of 22 March 2021 on, with as many events as their number.
    private func hours(_ count: Int) -> [TimelineEntry] {
        (0..<count).map { hour in
            let time = CalendarHour(year: 2021, month: 3, day: 22 + hour / 24, hour: hour % 24)
            return TimelineEntry(time: time, users: 0, behaviours: hour + 1, prizes: 0)
        }
    }

    @Test func aWeekOfHoursShowsItsDays() {
        let svg = TimelineChart(hours(168)).svg
        for day in 22...28 { #expect(svg.contains(">\(day)\u{A0}Mar"), "\(day)") }
        #expect(!svg.contains(">12:00<"))
        #expect(svg.components(separatedBy: "<title>").count > 168, "a bar each")
    }

    @Test func aDayOfHoursShowsThem() {
        let svg = TimelineChart(hours(24)).svg
        #expect(svg.contains(">12:00<"))
        #expect(svg.contains(">22\u{A0}Mar"))
    }
}
