import Checksums
import Community
import ConnectAPI
import ConnectConverters
import NIOCore

@testable import CommitLog
@testable import KafkaProtocol

/// The decoders of bytes that come from outside, for libFuzzer: `script/fuzz` compiles and runs this.
///
/// An input: a byte that says which decoder, then what it gets:
///
///     0, 1   a request, a response:    uint8 API key, uint8 version, the body
///     2      the header of a request
///     3      a batch, whose length and CRC are made right before it is checked
///     4      compressed records:       uint8 codec, the stream
///     5      the subscription or the assignment of a consumer
///     6      records that are not compressed: uint8 in pieces of how many bytes, uint8 how many records, the records
///     7      JSON in the value of a record
///     8      a line of the raw zone
///     9–15   files of the log: see ``FuzzedFile``
///
/// A crash is a fault, and so is a message or value that is not the same after it was written and read again, and a check
/// whose verdict depends on how its input is cut.
enum FuzzedDecoder: UInt8 {
    case request, response, header, batch, codec, subscription, records, json, row
    case segment, indexes, checkpoint, producers, topics, reservations, stateFile

    /// Small, so that memory is no reason for an end.
    private static let bounds = RecordDecompressor.Bounds(bytesMax: 1 << 20, wholeBytesMax: 1 << 20)

    static func run(_ bytes: ByteBuffer) {
        var input = bytes
        guard let decoder = input.readInteger(as: UInt8.self).flatMap(FuzzedDecoder.init) else { return }
        switch decoder {
        case .request: message(of: AllMessages.requests, &input)
        case .response: message(of: AllMessages.responses, &input)
        case .header: _ = try? RequestHeader(from: &input)
        case .batch: batch(input)
        case .codec: codec(&input)
        case .subscription: consumer(input)
        case .records: records(&input)
        case .json: json(input)
        case .row: row(input)
        case .segment: FuzzedFile.segment(&input)
        case .indexes: FuzzedFile.indexes(&input)
        case .checkpoint: FuzzedFile.checkpoint(input)
        case .producers: FuzzedFile.producers(input)
        case .topics: FuzzedFile.topics(input)
        case .reservations: FuzzedFile.reservations(input)
        case .stateFile: FuzzedFile.stateFile(input)
        }
    }

    private static func message(of types: [any WireMessage.Type], _ input: inout ByteBuffer) {
        guard let (key, version) = input.readMultipleIntegers(as: (UInt8, UInt8).self),
            let type = types.first(where: { $0.api.rawValue == Int16(key) })
        else { return }
        check(type, &input, Int16(version))
    }

    private static func check<Message: WireMessage>(
        _ type: Message.Type,
        _ input: inout ByteBuffer,
        _ version: Int16
    ) {
        guard let message = try? Message(from: &input, version: version) else { return }
        let written = bytes(of: message, version)
        var again = written
        guard let read = try? Message(from: &again, version: version) else {
            preconditionFailure("\(type) \(version) cannot be read after it was written")
        }
        precondition(again.readableBytes == 0, "\(type) \(version) leaves bytes of what was written")
        precondition(bytes(of: read, version) == written, "\(type) \(version) is another after it was written")
    }

    private static func bytes<Message: WireMessage>(of message: Message, _ version: Int16) -> ByteBuffer {
        var writer = WireWriter(version: version, isFlexible: Message.api.isFlexible(version: version))
        message.write(into: &writer)
        return writer.buffer
    }

    private static func consumer(_ input: ByteBuffer) {
        _ = try? ConsumerSubscription(input)
        guard let read = try? ConsumerAssignment(input) else { return }
        let written = ConsumerAssignment(version: read.version, topics: read.topics).encoded
        let again = try? ConsumerAssignment(written)
        precondition(again?.topics == read.topics, "an assignment is another after it was written")
    }

    private static func batch(_ input: ByteBuffer) {
        var batch = input
        guard batch.readableBytes >= RecordBatchHeader.byteCount else { return }
        batch.setInteger(Int32(batch.readableBytes - 12), at: batch.readerIndex + 8)
        batch.setInteger(UInt8(2), at: batch.readerIndex + 16)
        batch.setInteger(checksum(of: batch), at: batch.readerIndex + 17)
        guard let header = try? BatchCheck.header(of: batch), header.attributes.codec != CompressionCodec.none else {
            return
        }
        var configuration = LogConfiguration()
        configuration.messageBytesMax = 1 << 20
        _ = try? BatchIntake(configuration, timeOfDay: 0).take(batch, header)
    }

    private static func checksum(of batch: ByteBuffer) -> UInt32 {
        CRC32C.checksum(of: batch.readableBytesSpan.extracting(droppingFirst: RecordBatchHeader.checksummedFrom))
    }

    private static func codec(_ input: inout ByteBuffer) {
        guard let number = input.readInteger(as: UInt8.self), let codec = CompressionCodec(rawValue: Int16(number))
        else {
            return
        }
        guard codec != .none else { return }
        var count = 0
        try? RecordDecompressor.decompress(input.readableBytesSpan, codec, bounds) { piece in
            count += piece.byteCount
            return true
        }
        precondition(count <= bounds.bytesMax, "\(codec) gave \(count) bytes, more than its bound")
    }

    private static func records(_ input: inout ByteBuffer) {
        guard let (size, count) = input.readMultipleIntegers(as: (UInt8, UInt8).self), size > 0 else { return }
        let span = input.readableBytesSpan
        var whole = RecordCheck(count: Int32(count))
        _ = whole.consume(span)
        var pieces = RecordCheck(count: Int32(count))
        var start = 0
        while start < span.byteCount {
            let end = min(start + Int(size), span.byteCount)
            guard pieces.consume(span.extracting(start..<end)) else { break }
            start = end
        }
        let verdicts = (whole.end() == nil, pieces.end() == nil)
        precondition(verdicts.0 == verdicts.1, "records are right \(verdicts.0), in pieces of \(size) \(verdicts.1)")
    }
}

extension FuzzedDecoder {
    private static func json(_ input: ByteBuffer) {
        let coder = JSONCoder()
        guard let value = try? input.withUnsafeReadableBytes({ try coder.decode($0) }) else { return }
        let written = coder.encode(value)
        guard let read = try? written.withUnsafeBytes({ try coder.decode($0) }) else {
            preconditionFailure("JSON cannot be read after it was written")
        }
        precondition(coder.encode(read) == written, "JSON is another after it was written")
    }

    private static func row(_ input: ByteBuffer) {
        guard let reader = RowReader(fields: [.text("a"), .number("b"), .text("Età")]) else { return }
        var line = Array(input.readableBytesView)
        let count = line.count
        line += repeatElement(0, count: RowReader.padding)
        line.withUnsafeBufferPointer { bytes in
            guard (try? reader.read(UnsafeBufferPointer(rebasing: bytes[..<count]))) != nil else { return }
            for index in reader.fields.indices { touch(reader[index]) }
        }
    }

    /// Reads every byte that a value points to.
    private static func touch(_ value: RowValue) {
        switch value {
        case .text(let bytes), .decimal(let bytes): _ = bytes.reduce(0) { $0 ^ $1 }
        case .missing, .null, .otherType, .integer: break
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzedDecoder.run(ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count)))
    return 0
}
