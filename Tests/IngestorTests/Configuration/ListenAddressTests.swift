import Ingestor
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:9092", "127.0.0.1", 9092), ("localhost:0", "localhost", 0), ("[::1]:65535", "::1", 65_535),
    ])
    func addressIsReadAndWritten(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect("\(address)" == text)
    }

    @Test(arguments: ["", ":9092", "localhost", "localhost:", "localhost:65536", "localhost:-1", "::1:9092"])
    func otherTextIsNone(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func loopbackIsRecognised() {
        let inside = ["127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"].compactMap(ListenAddress.init)
        #expect(inside.count == 4 && inside.allSatisfy(\.isLoopback))
        let outside = ["0.0.0.0:1", "[::]:1", "192.168.0.1:1", "example.org:1", "127.example.org:1"]
            .compactMap(ListenAddress.init)
        #expect(outside.count == 5 && !outside.contains(where: \.isLoopback))
    }

    @Test(arguments: ["0.0.0.0:1", "[::]:1", "[0:0:0:0:0:0:0:0]:1", "[::0]:1", "0:1", "[::ffff:0.0.0.0]:1"])
    func wildcardIsRecognised(text: String) throws {
        #expect(try #require(ListenAddress(text)).isWildcard)
    }

    @Test(arguments: ["10.0.0.1:9092", "broker:9092", "[::1]:9092", "[fe80::1]:9092", "100.0.0.0:1", "0x0.example:1"])
    func addressOfAMachineIsNoWildcard(text: String) throws {
        #expect(try !#require(ListenAddress(text)).isWildcard)
    }
}
