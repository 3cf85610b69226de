/// The file system and both writers at one moment. Files, records and what writers do are numbers given by `Explorer`.
struct ModelState: Hashable {
    /// A rename that was sent and whose answer was lost: it may be done at any later time.
    enum Late: Hashable {
        case place(UInt32)
        case publish(UInt32)
    }

    /// Stored records that have their sequence number, in the order of these numbers.
    var records: [UInt32] = []
    /// Stored records under temporary names, sorted.
    var temporaryRecords: [UInt32] = []
    /// Files of data under temporary names, sorted.
    var temporaries: [UInt32] = []
    /// Files of data under final names, sorted.
    var finals: [UInt32] = []
    var late: [Late] = []
    /// What each writer is about to do.
    var writers: [UInt32] = []
    /// How often writers were started in all.
    var starts: UInt8 = 0
    /// How many answers were lost.
    var lost: UInt8 = 0
    /// How many repairs were begun.
    var repairs: UInt8 = 0

    mutating func insert(_ number: UInt32, into path: WritableKeyPath<ModelState, [UInt32]>) {
        let place = self[keyPath: path].firstIndex { $0 > number } ?? self[keyPath: path].endIndex
        self[keyPath: path].insert(number, at: place)
    }

    /// Whether it was there.
    @discardableResult
    mutating func remove(_ number: UInt32, from path: WritableKeyPath<ModelState, [UInt32]>) -> Bool {
        guard let place = self[keyPath: path].firstIndex(of: number) else { return false }
        self[keyPath: path].remove(at: place)
        return true
    }
}
