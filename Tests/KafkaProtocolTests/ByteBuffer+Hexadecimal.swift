import NIOCore
import Testing

extension ByteBuffer {
    /// The bytes that `text` says in hexadecimal digits; white space between them is skipped.
    init(hexadecimal text: String) throws {
        let digits = text.utf8.filter { $0 > UInt8(ascii: " ") }
        try #require(digits.count.isMultiple(of: 2))
        self.init()
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            writeInteger(try #require(UInt8(pair, radix: 16)))
        }
    }

    /// The readable bytes in hexadecimal digits.
    var hexadecimal: String {
        readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
