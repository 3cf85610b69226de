import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

/// Decoding any bytes ends with a value or a ``DecodeError``; a trap would end the test's process.
@Suite(.timeLimit(.minutes(15))) struct HostileInputTests {
    @Test(arguments: AllMessages.requests.indices)
    func randomBytesNeverTrap(index: Int) throws {
        let type = AllMessages.requests[index]
        var random = SeededGenerator(seed: 0x5eed_0000 + UInt64(index))
        for version in type.api.supportedVersions {
            for _ in 0..<100 {
                var bytes = random.buffer(byteCountMax: 200)
                decode(type, &bytes, version)
                var response = random.buffer(byteCountMax: 200)
                decode(AllMessages.responses[index], &response, version)
            }
        }
    }

    @Test(arguments: GoldenMessage.all.filter { $0.sample == .full })
    func messagesWithDamagedBytesNeverTrap(golden: GoldenMessage) throws {
        let type = try #require(AllMessages.type(api: golden.api, direction: golden.direction))
        // The bytes that lengths are made of, in the place of each byte and of each four bytes.
        for index in 0..<golden.bytes.readableBytes {
            for value: UInt8 in [0x00, 0x7f, 0xff] {
                var bytes = golden.bytes
                bytes.setInteger(value, at: index)
                decode(type, &bytes, golden.version)
            }
            for value: Int32 in [.min, -1, .max] where index + 4 <= golden.bytes.readableBytes {
                var bytes = golden.bytes
                bytes.setInteger(value, at: index)
                decode(type, &bytes, golden.version)
            }
        }
    }

    @Test func randomHeadersNeverTrap() {
        var random = SeededGenerator(seed: 0x5eed_2000)
        for _ in 0..<5_000 {
            var bytes = random.buffer(byteCountMax: 40)
            if bytes.readableBytes >= 2 { bytes.setInteger(Int16(random.number(below: 40)), at: 0) }
            if bytes.readableBytes >= 4 { bytes.setInteger(Int16(random.number(below: 13)), at: 2) }
            do throws(DecodeError) {
                _ = try RequestHeader(from: &bytes)
            } catch {
                #expect(error.description.isEmpty == false)
            }
        }
    }

    /// An array's room is for elements that were read: a count alone reserves next to nothing.
    @Test func aCountAloneDoesNotAllocate() throws {
        var body = ByteBuffer()
        body.writeInteger(Int32(1_000))
        body.writeRepeatingByte(0xff, count: 1_000)
        let error = #expect(throws: DecodeError.self) { try MetadataRequest(from: &body, version: 1) }
        // The first of the thousand names is already none: null.
        #expect(error == DecodeError(.invalidLength(-1), at: 6))
    }

    private func decode(_ type: any WireMessage.Type, _ bytes: inout ByteBuffer, _ version: Int16) {
        let byteCount = bytes.readableBytes
        do throws(DecodeError) {
            _ = try type.init(from: &bytes, version: version)
        } catch {
            // Asked a million times: an expectation is too slow where it holds.
            guard !(0...byteCount ~= error.position) else { return }
            Issue.record(error, "\(type) \(version): the position is outside of the input")
        }
    }
}

extension SeededGenerator {
    /// A number from 0 up to `bound`, exclusive.
    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// Up to `byteCountMax` bytes; small ones are more frequent, for lengths that can be.
    mutating func buffer(byteCountMax: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        for _ in 0..<number(below: byteCountMax + 1) {
            let word = next()
            buffer.writeInteger(word & 0x300 == 0 ? UInt8(truncatingIfNeeded: word) : UInt8(word & 0x07))
        }
        return buffer
    }
}
