/// A regular expression that topics' names match as a whole; see ``PatternParser`` for its syntax.
///
/// Matching takes time linear in the name, whatever the expression is: it is carried out by an automaton whose states are
/// made when they are first needed, each a set of steps of the expression. There are at most ``statesMax`` of them; where
/// more are needed, all are forgotten and made anew.
package struct TopicPattern: Sendable {
    /// Steps of one expression, its repetitions written out.
    private static let stepsMax = 2_000
    /// States that are remembered: each takes some hundred bytes, and as much as its steps.
    private static let statesMax = 500

    private enum Step {
        case character(PatternParser.CharacterSet)
        case place(PatternParser.Place)
        case split(Int, Int)
        case jump(Int)
        case match
    }

    /// Where an automaton is between two characters.
    private struct State: Hashable {
        /// Ascending, before ``Step/split(_:_:)`` and places are followed.
        var steps: [Int]
        var isAtStart: Bool
        var isAfterWord: Bool
    }

    private var program: [Step] = []
    private var compiledCount = 0
    private var states: [State] = []
    private var numbers: [State: Int] = [:]
    /// By state: the next state for each ASCII character that was met.
    private var transitions: [[UInt8: Int]] = []

    /// - Throws: where `text` is not such an expression, or is too large.
    package init(_ text: String) throws(PatternError) {
        let node = try PatternParser.parse(text)
        try compile(node)
        try append(.match)
    }

    /// Whether the whole of `name` matches. Remembers states for the next one.
    package mutating func matches(_ name: String) -> Bool {
        var state = number(of: State(steps: [0], isAtStart: true, isAfterWord: false))
        for character in name.utf8 {
            if states[state].steps.isEmpty { return false }
            state = transitions[state][character] ?? next(after: state, character)
        }
        return closure(states[state], next: nil).contains { if case .match = program[$0] { true } else { false } }
    }

    // MARK: Automaton

    private mutating func next(after state: Int, _ character: UInt8) -> Int {
        let reached = step(states[state], character)
        if states.count < Self.statesMax || numbers[reached] != nil {
            let next = number(of: reached)
            transitions[state][character] = next
            return next
        }
        (states, numbers, transitions) = ([], [:], [])
        return number(of: reached)
    }

    private mutating func number(of state: State) -> Int {
        if let number = numbers[state] { return number }
        numbers[state] = states.count
        states.append(state)
        transitions.append([:])
        return states.count - 1
    }

    private func step(_ state: State, _ character: UInt8) -> State {
        var steps: [Int] = []
        for place in closure(state, next: character) {
            if case .character(let set) = program[place], set.contains(character) { steps.append(place + 1) }
        }
        let isWord = PatternParser.CharacterSet.word.contains(character)
        return State(steps: steps.sorted(), isAtStart: false, isAfterWord: isWord)
    }

    /// The steps of a state, with those that they lead to before the next character; `nil` is the end.
    private func closure(_ state: State, next: UInt8?) -> [Int] {
        let isBeforeWord = next.map { PatternParser.CharacterSet.word.contains($0) } ?? false
        var isReached = [Bool](repeating: false, count: program.count)
        var reached: [Int] = []
        var left = state.steps
        while let place = left.popLast() {
            if isReached[place] { continue }
            isReached[place] = true
            reached.append(place)
            switch program[place] {
            case .character, .match: break
            case .jump(let target): left.append(target)
            case .split(let first, let second): left += [first, second]
            case .place(let condition):
                let holds =
                    switch condition {
                    case .start: state.isAtStart
                    case .end: next == nil
                    case .wordBoundary: state.isAfterWord != isBeforeWord
                    case .noWordBoundary: state.isAfterWord == isBeforeWord
                    }
                if holds { left.append(place + 1) }
            }
        }
        return reached
    }

    // MARK: Program

    @discardableResult
    private mutating func append(_ step: Step) throws(PatternError) -> Int {
        guard program.count < Self.stepsMax else { throw PatternError("more than \(Self.stepsMax) steps") }
        program.append(step)
        return program.count - 1
    }

    private mutating func compile(_ node: PatternParser.Node) throws(PatternError) {
        // Repetitions of nothing have no steps, and take time nevertheless.
        compiledCount += 1
        guard compiledCount <= 2 * Self.stepsMax else { throw PatternError("more than \(Self.stepsMax) steps") }
        switch node {
        case .character(let set): try append(.character(set))
        case .place(let place): try append(.place(place))
        case .sequence(let parts): for part in parts { try compile(part) }
        case .choice(let branches): try compileChoice(branches)
        case .repetition(let part, let least, let most):
            for _ in 0..<least { try compile(part) }
            guard let most else { return try compileLoop(part) }
            // Each may be the last.
            var splits: [Int] = []
            for _ in least..<most {
                splits.append(try append(.split(program.count + 1, 0)))
                try compile(part)
            }
            for split in splits { program[split] = .split(split + 1, program.count) }
        }
    }

    private mutating func compileChoice(_ branches: [PatternParser.Node]) throws(PatternError) {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = try append(.split(program.count + 1, 0))
            try compile(branch)
            jumps.append(try append(.jump(0)))
            program[split] = .split(split + 1, program.count)
        }
        if let last = branches.last { try compile(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func compileLoop(_ part: PatternParser.Node) throws(PatternError) {
        let split = try append(.split(program.count + 1, 0))
        try compile(part)
        try append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }
}

/// What is wrong with a regular expression.
package struct PatternError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
