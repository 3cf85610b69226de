extension SinkRecords {
    /// Takes out the records for which `isRemoved` is true of their index, and notes `reason` for their offsets.
    package mutating func removeRecords(_ reason: SkippedOffsets.Reason, where isRemoved: (Int) -> Bool) {
        var kept = 0
        var removed: [SkippedOffsets] = []
        for index in 0..<count {
            if isRemoved(index) {
                let offset = offsets[index]
                headers[offset] = nil
                removed.append(SkippedOffsets(offset..<offset + 1, reason))
                continue
            }
            if kept != index {
                offsets[kept] = offsets[index]
                timestamps[kept] = timestamps[index]
                keyRanges[kept] = keyRanges[index]
                valueRanges[kept] = valueRanges[index]
            }
            kept += 1
        }
        guard !removed.isEmpty else { return }
        let gone = count - kept
        offsets.removeLast(gone)
        timestamps.removeLast(gone)
        keyRanges.removeLast(gone)
        valueRanges.removeLast(gone)
        skipped = Self.merged(skipped, removed)
    }

    /// Takes out the records at `indexes`, which rise, and notes `reason` for their offsets.
    package mutating func removeRecords(at indexes: [Int], _ reason: SkippedOffsets.Reason) {
        var rest = indexes[...]
        removeRecords(reason) { index in
            guard rest.first == index else { return false }
            rest = rest.dropFirst()
            return true
        }
    }

    /// Two rising lists of skipped offsets as one, neighbours with the same reason joined.
    static func merged(_ first: [SkippedOffsets], _ second: [SkippedOffsets]) -> [SkippedOffsets] {
        var result: [SkippedOffsets] = []
        result.reserveCapacity(first.count + second.count)
        var left = first[...]
        var right = second[...]
        while let next = Self.popLower(&left, &right) {
            if let last = result.last, last.reason == next.reason,
                last.offsets.upperBound == next.offsets.lowerBound
            {
                let joined = last.offsets.lowerBound..<next.offsets.upperBound
                result[result.count - 1] = SkippedOffsets(joined, last.reason)
            } else {
                result.append(next)
            }
        }
        return result
    }

    private static func popLower(
        _ left: inout ArraySlice<SkippedOffsets>,
        _ right: inout ArraySlice<SkippedOffsets>
    ) -> SkippedOffsets? {
        guard let first = left.first else { return right.popFirst() }
        guard let second = right.first else { return left.popFirst() }
        return first.offsets.lowerBound < second.offsets.lowerBound ? left.popFirst() : right.popFirst()
    }
}
