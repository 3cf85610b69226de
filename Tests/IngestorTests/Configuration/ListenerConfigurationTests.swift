import Ingestor
import Testing

@Suite struct ListenerConfigurationTests {
    private func problem(listen: String, advertise: String = "") throws -> String? {
        var configuration = IngestorConfiguration(directory: "data")
        configuration.listeners = .init(at: try #require(NamedAddress.list(listen)))
        let advertised = advertise.isEmpty ? [] : try #require(NamedAddress.list(advertise))
        return configuration.listeners.advertise(advertised) ?? configuration.problem
    }

    @Test func namesAndAddressesAreRead() throws {
        let list = try #require(NamedAddress.list("internal://127.0.0.1:9092, External://[::]:9094,h:0"))
        #expect(list.map(\.name) == ["internal", "External", nil])
        #expect(list.map(\.address.description) == ["127.0.0.1:9092", "[::]:9094", "h:0"])
    }

    @Test(arguments: ["", ",", "a:1,", "a", "x://", "x://a", "://a", "x:/a:1", "x://y://a:1"])
    func otherTextIsNone(text: String) {
        #expect(NamedAddress.list(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:9092", ""), ("127.0.0.1:9092", "kafka.example:9092"), ("a://h:1", "i:1"), ("a://h:1", "A://i:1"),
        ("a://127.0.0.1:9092,b://0.0.0.0:9094", "b://kafka.example:9094"), ("a://h:0,b://h:0", ""),
        ("a://127.0.0.1:9092,b://192.0.2.1:9092", ""), ("a://h:1,b://h:2", "a://x:1,b://x:2"),
    ])
    func whatGoesTogetherIsTaken(listen: String, advertise: String) throws {
        #expect(try problem(listen: listen, advertise: advertise) == nil)
    }

    @Test(arguments: [
        ("h:1,i:2", "", "two listeners have the name 'PLAINTEXT'"),
        ("a://h:1,A://h:2", "", "two listeners have the name 'A'"),
        ("a://h:1,b://h:1", "", "the listeners 'a' (h:1) and 'b' (h:1) would have the same port"),
        ("a://127.0.0.1:1,b://0.0.0.0:1", "", "would have the same port"),
        ("a://h:1,b://h:2", "i:1", "without the name of a listener: write NAME://i:1, where NAME is one of a, b"),
        ("a://h:1,b://h:2", "c://i:1", "names the listener 'c'; there is a, b"),
        ("a://h:1", "a://i:1,a://j:1", "has two addresses for the listener 'a'"),
        ("a://h:1,b://h:2", "a://i:1,b://i:1", "are both advertised as i:1"),
        ("h:1", "i:0", "clients cannot be told to use i:0"), ("a b://h:1", "", "'a b' is no name of a listener"),
        ("\u{E9}://h:1", "", "is no name of a listener"),
        ("a://h:1,b://h:2,c://h:3,d://h:4,e://h:5,f://h:6,g://h:7,i://h:8,j://h:9", "", "at most 8 can be"),
    ])
    func whatContradictsIsRefusedWithWords(listen: String, advertise: String, expected: String) throws {
        let problem = try #require(try problem(listen: listen, advertise: advertise))
        #expect(problem.contains(expected), "\(problem)")
    }

    @Test func noListenerIsRefused() {
        var configuration = IngestorConfiguration(directory: "data")
        configuration.listeners = []
        #expect(configuration.problem?.contains("no address to listen at") == true)
    }
}
