package import Community
package import ExactValues

/// What a line of the community's topics says about tokens: whose they are and how many.
///
/// Which lines have both, and which amounts there are, is the domain's rule (`RowValue`, `TokenAmount`): the analyzer
/// reads with the same.
package struct EventLine: Hashable, Sendable {
    /// `id_utente`.
    package let user: ExactText
    /// `reward(tk)` or `prezzo(tk)` in hundredths of a token.
    package let hundredths: Int

    /// What the source writes between the texts of a line, and before the amount.
    private static let separators = CommunityTopic.allCases.map { topic -> [[UInt8]] in
        guard let keys = topic.event else { return [] }
        return [
            #"{"\#(EventKeys.user)": ""#, #", "\#(EventKeys.partner)": ""#, #", "\#(keys.kind)": ""#,
            #", "\#(keys.amount)": "#,
        ].map { Array($0.utf8) }
    }

    /// Reads `line`, one JSON object; `nil` where it has no user and amount.
    ///
    /// Lines of exactly the source's four members are read without a parser, all others with one, so that events of
    /// other systems count as well. Both ways give the same.
    package init?(_ line: UnsafeRawBufferPointer, of topic: CommunityTopic) {
        guard let fields = Self.quick(line, topic) ?? Self.parsed(line, topic) else { return nil }
        (user, hundredths) = fields
    }

    private static func quick(_ line: UnsafeRawBufferPointer, _ topic: CommunityTopic) -> (ExactText, Int)? {
        guard line.last == UInt8(ascii: "}") else { return nil }
        var position = 0
        var user: UnsafeRawBufferPointer?
        for separator in separators[topic.index] {
            guard line[position...].starts(with: separator) else { return nil }
            position += separator.count
            if separator.last == UInt8(ascii: "\"") {
                guard let text = text(line, at: position) else { return nil }
                user = user ?? text
                position += text.count + 1
            }
        }
        let number = UnsafeRawBufferPointer(rebasing: line[position..<line.count - 1])
        guard let user, !user.contains(UInt8(ascii: "\\")), let id = try? RowValue.text(user).usableText(),
            let tokens = try? TokenAmount(json: number)
        else { return nil }
        return (ExactText(String(decoding: id, as: UTF8.self)), Int(tokens.hundredths))
    }

    /// The text up to its quotation mark.
    private static func text(_ line: UnsafeRawBufferPointer, at start: Int) -> UnsafeRawBufferPointer? {
        var end = start
        while end < line.count, line[end] != UInt8(ascii: "\"") {
            end += line[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return end < line.count ? UnsafeRawBufferPointer(rebasing: line[start..<end]) : nil
    }

    private static func parsed(_ line: UnsafeRawBufferPointer, _ topic: CommunityTopic) -> (ExactText, Int)? {
        guard let keys = topic.event,
            let reader = RowReader(fields: [.text(EventKeys.user), .number(keys.amount)])
        else { return nil }
        let padded = Array(line) + Array(repeating: 0, count: RowReader.padding)
        return padded.withUnsafeBufferPointer { bytes in
            guard (try? reader.read(UnsafeBufferPointer(rebasing: bytes.prefix(line.count)))) != nil,
                let user = try? reader[0].usableText(), let tokens = try? reader[1].amount()
            else { return nil }
            return (ExactText(String(decoding: user, as: UTF8.self)), Int(tokens.hundredths))
        }
    }
}
