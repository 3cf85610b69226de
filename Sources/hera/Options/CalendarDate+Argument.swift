import ArgumentParser
import Community
import PlainText

extension CalendarDate: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }

    package var defaultValueDescription: String { description }
}
