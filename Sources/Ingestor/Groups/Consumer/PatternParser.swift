/// Reads a regular expression of the syntax that Kafka's group protocol has: RE2's, as far as it is about topic names.
///
/// Limits: ``depthMax`` parentheses in each other; a repetition counts to ``repetitionsMax``, as in RE2.
///
///     xy  x|y  (x)  (?:x)  (?P<name>x)  (?<name>x)  (?i)  (?i:x)      sequence, choice, groups, without regard to case
///     x*  x+  x?  x{n}  x{n,}  x{n,m}                                 repetition; a further ? changes nothing here
///     .  [a-z]  [^a-z]  [[:alpha:]]  \d \w \s  \D \W \S               one character
///     ^  $  \A  \z  \b  \B                                            places
///     \.  \n  \x41  \x{41}  \Q…\E                                     characters by name, text as it is
///
/// Topic names are ASCII: other characters are allowed and match nothing. Not here: `\p{…}`; as in RE2, back references and
/// looking around are not either.
struct PatternParser {
    private static let depthMax = 100
    private static let repetitionsMax = 1_000

    indirect enum Node {
        case character(CharacterSet)
        case place(Place)
        case sequence([Node])
        case choice([Node])
        case repetition(Node, least: Int, most: Int?)
    }

    /// A condition on the place between two characters.
    enum Place {
        case start, end, wordBoundary, noWordBoundary
    }

    /// ASCII characters, a bit for each.
    struct CharacterSet {
        static let none = CharacterSet()
        static let any = CharacterSet().inverted
        static let digits = CharacterSet("0"..."9")
        static let word = CharacterSet("a"..."z", "A"..."Z", "0"..."9", "_"..."_")
        static let space = CharacterSet("\t"..."\n", "\u{0C}"..."\r", " "..." ")

        private var bits: UInt128 = 0

        init(_ ranges: ClosedRange<Unicode.Scalar>...) {
            for range in ranges { insert(range) }
        }

        var inverted: CharacterSet {
            var result = self
            result.bits = ~bits
            return result
        }

        /// With both cases of each letter.
        var withoutCase: CharacterSet {
            var result = self
            for (lower, upper) in zip(UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"))
            where contains(lower) || contains(upper) {
                result.bits |= 1 << UInt128(lower) | 1 << UInt128(upper)
            }
            return result
        }

        func contains(_ character: UInt8) -> Bool { character < 128 && bits >> UInt128(character) & 1 == 1 }

        mutating func insert(_ range: ClosedRange<Unicode.Scalar>) {
            guard range.lowerBound.isASCII else { return }
            for character in range.lowerBound.value...min(127, range.upperBound.value) {
                bits |= 1 << UInt128(character)
            }
        }

        func with(_ range: ClosedRange<Unicode.Scalar>) -> CharacterSet {
            var result = self
            result.insert(range)
            return result
        }

        mutating func formUnion(_ other: CharacterSet) { bits |= other.bits }
    }

    private let text: [Unicode.Scalar]
    private var next = 0
    private var ignoresCase = false
    private var depth = 0

    /// Reads the whole of `text`.
    static func parse(_ text: String) throws(PatternError) -> Node {
        var parser = PatternParser(text: Array(text.unicodeScalars))
        let node = try parser.choice()
        guard parser.next == parser.text.count else { throw PatternError("a ) without a (") }
        return node
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    private func peek() -> Unicode.Scalar? { next < text.count ? text[next] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == character else { return false }
        next += 1
        return true
    }

    private mutating func advance(_ missing: String) throws(PatternError) -> Unicode.Scalar {
        guard let character = peek() else { throw PatternError(missing) }
        next += 1
        return character
    }

    // MARK: Structure

    private mutating func choice() throws(PatternError) -> Node {
        depth += 1
        guard depth <= Self.depthMax else { throw PatternError("more than \(Self.depthMax) parentheses in each other") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        depth -= 1
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> Node {
        var parts: [Node] = []
        while let character = peek(), character != "|", character != ")" {
            let part = try atom()
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(PatternError) -> Node {
        let character = try advance("the expression ends too early")
        switch character {
        case "(": return try group()
        case "[": return .character(try set())
        case ".": return .character(CharacterSet("\n"..."\n").inverted)
        case "^": return .place(.start)
        case "$": return .place(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw PatternError("nothing before the \(character) that it could repeat")
        default: return literal(character)
        }
    }

    private func literal(_ character: Unicode.Scalar) -> Node {
        let set = CharacterSet(character...character)
        return .character(ignoresCase ? set.withoutCase : set)
    }

    private mutating func group() throws(PatternError) -> Node {
        let outside = ignoresCase
        if take("?") {
            if take("P") || peek() == "<" {
                try name()
            } else if try !flags() {
                return .sequence([])
            }
        }
        let node = try choice()
        ignoresCase = outside
        guard take(")") else { throw PatternError("a ( without its )") }
        return node
    }

    private mutating func name() throws(PatternError) {
        let isName: (Unicode.Scalar) -> Bool = { $0.isASCII && CharacterSet.word.contains(UInt8($0.value)) }
        guard take("<"), let close = text[next...].firstIndex(of: ">"), close > next,
            text[next..<close].allSatisfy(isName)
        else {
            throw PatternError(
                "a group whose name is not letters, digits and _, or looking around, which is not offered"
            )
        }
        next = close + 1
    }

    /// Reads flags up to their `:` or `)`.
    ///
    /// - Returns: whether a group follows that they are for; else they are for the rest of the group around.
    private mutating func flags() throws(PatternError) -> Bool {
        var isOn = true
        while true {
            switch try advance("a ( without its )") {
            case "i": ignoresCase = isOn
            case "s", "m", "U": break
            case "-" where isOn: isOn = false
            case ")": return false
            case ":": return true
            default: throw PatternError("a (? that is neither a group nor one of the flags i, s, m and U")
            }
        }
    }

    // MARK: Repetition

    private mutating func repeated(_ node: Node) throws(PatternError) -> Node {
        let least: Int
        let most: Int?
        if take("*") {
            (least, most) = (0, nil)
        } else if take("+") {
            (least, most) = (1, nil)
        } else if take("?") {
            (least, most) = (0, 1)
        } else if let counts = try counts() {
            (least, most) = counts
        } else {
            return node
        }
        _ = take("?")
        if let character = peek(), "*+?".unicodeScalars.contains(character) {
            throw PatternError("a repetition of a repetition: put parentheses around the first")
        }
        return .repetition(node, least: least, most: most)
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; anything else that begins with a brace is text.
    private mutating func counts() throws(PatternError) -> (Int, Int?)? {
        let start = next
        guard take("{"), let least = number() else {
            next = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            next = start
            return nil
        }
        guard least <= Self.repetitionsMax, most ?? 0 <= Self.repetitionsMax, most ?? least >= least else {
            throw PatternError(
                "a repetition whose counts do not go from less to more, to \(Self.repetitionsMax) at most"
            )
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let character = peek(), let digit = Int(String(character)) {
            // More digits than any count that is allowed.
            value = min((value ?? 0) * 10 + digit, Self.repetitionsMax + 1)
            next += 1
        }
        return value
    }

    // MARK: Characters

    private mutating func escape() throws(PatternError) -> Node {
        let character = try advance("a \\ with nothing behind it")
        switch character {
        case "A": return .place(.start)
        case "z": return .place(.end)
        case "b": return .place(.wordBoundary)
        case "B": return .place(.noWordBoundary)
        case "Q":
            var parts: [Node] = []
            while next < text.count {
                if text[next...].starts(with: "\\E".unicodeScalars) {
                    next += 2
                    break
                }
                parts.append(literal(text[next]))
                next += 1
            }
            return .sequence(parts)
        default: break
        }
        if let named = Self.namedSet(character) { return .character(named) }
        return literal(try escaped(character))
    }

    private static func namedSet(_ letter: Unicode.Scalar) -> CharacterSet? {
        switch letter {
        case "d": .digits
        case "D": CharacterSet.digits.inverted
        case "w": .word
        case "W": CharacterSet.word.inverted
        case "s": .space
        case "S": CharacterSet.space.inverted
        default: nil
        }
    }

    /// The character that a `\` and this one stand for.
    private mutating func escaped(_ character: Unicode.Scalar) throws(PatternError) -> Unicode.Scalar {
        switch character {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal()
        default:
            guard character.isASCII, !CharacterSet.word.contains(UInt8(character.value)) || character == "_" else {
                throw PatternError("\\\(character), which is not offered")
            }
            return character
        }
    }

    private mutating func hexadecimal() throws(PatternError) -> Unicode.Scalar {
        var digits = ""
        if take("{") {
            while let character = peek(), character != "}", digits.utf8.count <= 6 {
                digits.unicodeScalars.append(character)
                next += 1
            }
            guard take("}") else { throw PatternError("a \\x{ without its }") }
        } else {
            for _ in 0..<2 { digits.unicodeScalars.append(try advance("a \\x without two digits")) }
        }
        guard let number = UInt32(digits, radix: 16), let character = Unicode.Scalar(number) else {
            throw PatternError("a \\x without the number of a character")
        }
        return character
    }

    /// Reads what is in brackets, after the first.
    private mutating func set() throws(PatternError) -> CharacterSet {
        let isInverted = take("^")
        var result = CharacterSet.none
        var isFirst = true
        while isFirst || peek() != "]" {
            isFirst = false
            if let named = try namedMember() {
                result.formUnion(named)
                continue
            }
            let first = try member()
            guard peek() == "-", next + 1 < text.count, text[next + 1] != "]" else {
                result.insert(first...first)
                continue
            }
            next += 1
            let last = try member()
            guard first <= last else { throw PatternError("a range in brackets that goes from more to less") }
            result.insert(first...last)
        }
        next += 1
        if ignoresCase { result = result.withoutCase }
        return isInverted ? result.inverted : result
    }

    private mutating func member() throws(PatternError) -> Unicode.Scalar {
        let character = try advance("a [ without its ]")
        return character == "\\" ? try escaped(try advance("a [ without its ]")) : character
    }

    /// Reads `\d` and the like, or `[:digit:]` and the like.
    private mutating func namedMember() throws(PatternError) -> CharacterSet? {
        if peek() == "\\", next + 1 < text.count, let named = Self.namedSet(text[next + 1]) {
            next += 2
            return named
        }
        guard text[next...].starts(with: "[:".unicodeScalars) else { return nil }
        guard let close = text[next...].firstIndex(of: "]") else { throw PatternError("a [ without its ]") }
        let name = String(String.UnicodeScalarView(text[next...close]))
        guard let named = Self.classes[name.replacing("[:^", with: "[:")] else {
            throw PatternError("the class \(name), which there is not")
        }
        next = close + 1
        return name.hasPrefix("[:^") ? named.inverted : named
    }

    private static let classes: [String: CharacterSet] = [
        "[:alnum:]": CharacterSet("a"..."z", "A"..."Z", "0"..."9"),
        "[:alpha:]": CharacterSet("a"..."z", "A"..."Z"),
        "[:ascii:]": .any,
        "[:blank:]": CharacterSet(" "..." ", "\t"..."\t"),
        "[:cntrl:]": CharacterSet("\0"..."\u{1F}", "\u{7F}"..."\u{7F}"),
        "[:digit:]": .digits,
        "[:graph:]": CharacterSet("!"..."~"),
        "[:lower:]": CharacterSet("a"..."z"),
        "[:print:]": CharacterSet(" "..."~"),
        "[:punct:]": CharacterSet("!"..."/", ":"..."@", "["..."`", "{"..."~"),
        "[:space:]": CharacterSet.space.with("\u{0B}"..."\u{0B}"),
        "[:upper:]": CharacterSet("A"..."Z"),
        "[:word:]": .word,
        "[:xdigit:]": CharacterSet("0"..."9", "A"..."F", "a"..."f"),
    ]
}
