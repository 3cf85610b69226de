/// Events of one hour or day, as the raw zone's directories sort them.
package struct TimelineEntry: Equatable, Sendable, Codable {
    package let time: CalendarHour
    package var users: Int
    package var behaviours: Int
    package var prizes: Int

    package init(time: CalendarHour, users: Int, behaviours: Int, prizes: Int) {
        self.time = time
        self.users = users
        self.behaviours = behaviours
        self.prizes = prizes
    }
}
