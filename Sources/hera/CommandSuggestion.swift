import ArgumentParser
import PlainText

/// Which command was meant by a word that is none: the parser suggests options, but no commands.
enum CommandSuggestion {
    /// What to say of the first word of `arguments` that should name a command and does not; `nil` where all do.
    static func text(for arguments: [String], below root: any ParsableCommand.Type) -> String? {
        var command = root
        var path = name(of: root)
        for word in arguments where word != "help" {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = subcommands.first(where: { name(of: $0) == word }) {
                command = next
                path += " " + word
                continue
            }
            let names = subcommands.map { name(of: $0) }
            let nearest = EditDistance.nearest(to: word, among: names)
            let advice = nearest.map { "did you mean '\(path) \($0)'?" } ?? "there are \(names.joined(separator: ", "))"
            return "'\(path) \(word)' is not a command; \(advice)"
        }
        return nil
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
