/// How alike two words are, for "did you mean".
package enum EditDistance {
    /// The word of `candidates` that `word` was probably meant to be; `nil` where none is near enough: at most a third
    /// of its letters are wrong.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let letters = Array(word.lowercased().utf8)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().utf8)
            // Each letter too many is an edit: no need to compare, however long a word from outside is.
            guard abs(other.count - letters.count) * 3 <= letters.count else { continue }
            let distance = distance(letters, other)
            if distance < best?.distance ?? Int.max {
                best = (candidate, distance)
            }
        }
        guard let best, best.distance * 3 <= letters.count else { return nil }
        return best.candidate
    }

    /// The fewest insertions, removals, replacements and swaps of neighbours that make `second` of `first`
    /// (optimal string alignment).
    package static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            current.reserveCapacity(second.count + 1)
            for column in second.indices {
                let replaced = last[column] + (first[row] == second[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
