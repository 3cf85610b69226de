import NIOCore
import Testing

@testable import CommitLog

struct KeyOffsetsTests {
    @Test func theNewestOffsetOfAKeyIsKept() {
        var keys = KeyOffsets(forRecords: 10, bytesMax: 1 << 20)
        let fits = [("a", 1), ("", 2), ("a", 3)].map { keys.put($0.0, $0.1) }
        #expect(fits == [true, true, true])
        #expect(keys.offset(of: "a") == 3)
        #expect(keys.offset(of: "") == 2)
        #expect(keys.offset(of: "b") == nil)
        #expect(keys.count == 2)
    }

    @Test func aFullTableTakesKnownKeysOnly() {
        var keys = KeyOffsets(forRecords: .max, bytesMax: 24 * 100)
        var fitting = 0
        while keys.put("\(fitting)", Int64(fitting)) { fitting += 1 }
        #expect(fitting == 75)
        let fits = ["0", "new"].map { keys.put($0, 1_000) }
        #expect(fits == [true, false])
        #expect(keys.offset(of: "new") == nil)
        #expect(keys.offset(of: "0") == 1_000)
        for key in 1..<fitting { #expect(keys.offset(of: "\(key)") == Int64(key)) }
    }

    @Test func asManyRecordsAsWereToldFit() {
        for count in 1..<200 {
            var keys = KeyOffsets(forRecords: Int64(count), bytesMax: 1 << 20)
            let fits = (0..<count).map { keys.put("\($0)", Int64($0)) }
            #expect(!fits.contains(false))
        }
    }
}

extension KeyOffsets {
    mutating func put(_ key: String, _ offset: Int64) -> Bool {
        put(ByteBuffer(string: key).readableBytesSpan, offset: offset)
    }

    func offset(of key: String) -> Int64? { offset(of: ByteBuffer(string: key).readableBytesSpan) }
}
