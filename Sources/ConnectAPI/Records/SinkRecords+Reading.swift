extension SinkRecords {
    /// The indexes of the records with a null value, rising.
    package var nullValueIndexes: [Int] {
        var indexes: [Int] = []
        for (index, range) in valueRanges.enumerated() where range.isNull { indexes.append(index) }
        return indexes
    }

    /// The value of the record at `index` as bytes of its own; `nil` where it is null.
    package func value(at index: Int) -> [UInt8]? {
        valueRanges[index].range.map { Array(values[$0]) }
    }

    /// The key of the record at `index` as bytes of its own; `nil` where it is null.
    package func key(at index: Int) -> [UInt8]? {
        keyRanges[index].range.map { Array(keys[$0]) }
    }

    /// Lends the values of `records` as lines, each with its line feed, in the fewest stretches of memory:
    /// one stretch for the whole range where nothing was taken out. Null values have no line.
    package func forEachRunOfLines<Failure: Error>(
        in records: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try values.withUnsafeBufferPointer { (bytes) throws(Failure) in
            for run in lineRuns(in: records) {
                try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[run])))
            }
        }
    }

    /// Where the lines of `records` lie in `values`, each with its line feed, in the fewest stretches.
    package func lineRuns(in records: Range<Int>) -> LineRuns { LineRuns(rest: valueRanges[records]) }

    /// Stretches of `values` that hold lines, in their order.
    package struct LineRuns: Sequence, IteratorProtocol {
        fileprivate var rest: ArraySlice<ByteRange>

        package mutating func next() -> Range<Int>? {
            var run = 0..<0
            while let range = rest.first {
                if !range.isNull {
                    let line = range.lowerBound..<range.upperBound + 1
                    if run.isEmpty {
                        run = line
                    } else if line.lowerBound == run.upperBound {
                        run = run.lowerBound..<line.upperBound
                    } else {
                        return run
                    }
                }
                rest = rest.dropFirst()
            }
            return run.isEmpty ? nil : run
        }
    }

    /// How many of `offsets` have no record in this batch, by reason.
    package func skippedCounts(in offsets: Range<Int64>) -> SkippedCounts {
        var counts = SkippedCounts()
        for skip in skips(in: offsets) {
            counts.add(Int64(skip.offsets.clamped(to: offsets).count), skip.reason)
        }
        return counts
    }

    /// The skipped ranges that lie in `offsets` or reach into it.
    package func skips(in offsets: Range<Int64>) -> some Sequence<SkippedOffsets> {
        skipped[firstSkip(endingAfter: offsets.lowerBound)...].prefix { $0.offsets.lowerBound < offsets.upperBound }
    }

    /// The place of the first skipped range which ends behind `offset`, by halving.
    private func firstSkip(endingAfter offset: Int64) -> Int {
        var low = 0
        var high = skipped.count
        while low < high {
            let middle = (low + high) / 2
            if skipped[middle].offsets.upperBound <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
