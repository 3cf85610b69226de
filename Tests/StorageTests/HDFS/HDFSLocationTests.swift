import Foundation
import PipelineTesting
import SystemPackage
import Testing

@testable import Storage

/// URLs of an HDFS, and the addresses that they and Hadoop's configuration lead to.
@Suite struct HDFSLocationTests {
    private func location(_ text: String) throws -> HDFSLocation {
        guard case .hdfs(let location) = try StorageLocation(text) else {
            throw StorageError(.failed, .use, text, "it is no HDFS")
        }
        return location
    }

    private func origins(_ text: String, _ change: (inout HDFSOptions) -> Void = { _ in }) throws -> [String] {
        var options = HDFSOptions()
        change(&options)
        return try NameNodes.addresses(of: location(text), options).map(\.origin)
    }

    private func origins(_ text: String, in directory: String) throws -> [String] {
        try origins(text) { $0.configurationDirectory = directory }
    }

    private func origins(_ text: String, at address: String) throws -> [String] {
        try origins(text) { $0.httpAddress = address }
    }

    @Test(arguments: [
        ("hdfs://namenode:8020/HeraSDG", ["http://namenode:9870"]), ("hdfs://namenode", ["http://namenode:9870"]),
        ("webhdfs://nn:50070/", ["http://nn:50070"]), ("swebhdfs://nn/x", ["https://nn:9871"]),
        ("WEBHDFS://one:1,two/x", ["http://one:1", "http://two:9870"]), ("webhdfs://[::1]:5/", ["http://[::1]:5"]),
    ])
    func theHTTPAddressIsDerived(text: String, expected: [String]) throws {
        #expect(try origins(text) == expected)
    }

    @Test func theHTTPAddressCanBeSaid() throws {
        #expect(try origins("hdfs://ns/x", at: "a:1,b:2") == ["http://a:1", "http://b:2"])
        #expect(try origins("swebhdfs://ns/x", at: "a:1") == ["https://a:1"])
    }

    @Test func pathAndUserAreRead() throws {
        let found = try location("hdfs://anna@nn:8020//user/./a%20b/")
        #expect(found.path.string == "user/a b")
        #expect(found.user == "anna")
        #expect(found.description == "hdfs://anna@nn:8020/user/a b")
    }

    @Test(arguments: [
        "hdfs:x", "webhdfs://", "webhdfs:///x", "webhdfs://nn:0/", "webhdfs://nn:65536/", "webhdfs://nn:x/",
        "webhdfs://n n/", "webhdfs://nn,/", "webhdfs://nn/a?b", "webhdfs://nn/a#b", "webhdfs://nn/%zz",
        "webhdfs://nn/../x", "webhdfs://@nn/", "webhdfs://[::1/", "webhdfs://nn:+1/", "webhdfs://nn/%00",
    ])
    func whatIsNoSuchURLIsRefused(text: String) throws {
        let location = try? StorageLocation(text)
        if case .directory? = location { return }
        #expect(location == nil)
    }

    @Test func aPasswordInAURLIsNotRepeated() {
        let error = #expect(throws: StorageError.self) { try StorageLocation("webhdfs://anna:secret@nn/") }
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.contains("HERA_STORAGE_PASSWORD") == true)
    }

    private func configured(_ core: String?, _ hdfs: String?, _ body: (String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            for (name, text) in [("core-site.xml", core), ("hdfs-site.xml", hdfs)] {
                guard let text else { continue }
                try Data(text.utf8).write(to: URL(fileURLWithPath: directory.appending(name).string))
            }
            try body(directory.string)
        }
    }

    private func xml(_ properties: [(String, String)]) -> String {
        let rows = properties.map {
            "<property>\n <name> \($0.0) </name><value>\($0.1)</value><final>true</final></property>"
        }
        return "<?xml version=\"1.0\"?><!-- a comment --><configuration>\(rows.joined())</configuration>"
    }

    @Test func aNameserviceIsLookedUp() throws {
        let hdfs = xml([
            ("dfs.nameservices", "other, hera"), ("dfs.ha.namenodes.hera", "nn1, nn2"), ("zone", "example.org"),
            ("dfs.namenode.rpc-address.hera.nn1", "one.${zone}:8020"),
            ("dfs.namenode.http-address.hera.nn1", "0.0.0.0:9870"),
            ("dfs.namenode.http-address.hera.nn2", "<![CDATA[two.${zone}:50070]]>"),
            ("dfs.namenode.rpc-address.other", "three:8020"),
        ])
        try configured(xml([("fs.defaultFS", "hdfs://hera")]), hdfs) { directory in
            let both = ["http://one.example.org:9870", "http://two.example.org:50070"]
            let found = try ["hdfs://hera/x", "hdfs:///x", "webhdfs://hera/"].map { try origins($0, in: directory) }
            #expect(found == [both, both, both])
            let other = try origins("hdfs://other/", in: directory)
            #expect(other == ["http://three:9870"])
            let unknown = try origins("hdfs://nn/", in: directory)
            #expect(unknown == ["http://nn:9870"], "a name that the configuration does not know is a host")
        }
    }

    @Test func theOneNameNodeOfAConfigurationIsFound() throws {
        let hdfs = xml([("dfs.namenode.http-address", "0.0.0.0:1234"), ("dfs.http.policy", "HTTP_ONLY")])
        try configured(xml([("fs.defaultFS", "hdfs://nn:8020")]), hdfs) { directory in
            let found = try ["hdfs://nn:8020/", "hdfs:///"].map { try origins($0, in: directory) }
            #expect(found == [["http://nn:1234"], ["http://nn:1234"]])
        }
    }

    /// The name of one NameNode may begin as that of another.
    @Test func theAddressOfAnotherNameNodeIsNotTaken() throws {
        let hdfs = xml([("dfs.namenode.http-address", "nn10:1234")])
        try configured(xml([("fs.defaultFS", "hdfs://nn10:8020")]), hdfs) { directory in
            let found = try ["hdfs://nn1/", "hdfs://nn10:80/", "hdfs://NN10/"].map { try origins($0, in: directory) }
            #expect(found == [["http://nn1:9870"], ["http://nn10:9870"], ["http://nn10:1234"]])
        }
    }

    @Test(arguments: ["webhdfs://me:s3/cret@h/x", "webhdfs://h/x?delegation=s3cret", "webhdfs://me:s3%2Fcret@h:p/x"])
    func whatMayBeASecretIsNotRepeated(text: String) {
        let error = #expect(throws: StorageError.self) { try StorageLocation(text) }
        #expect(error?.description.contains("s3") == false)
    }

    @Test(arguments: ["<configuration>", "no XML", "<a>&unknown;</a>"])
    func aBrokenConfigurationIsRefused(text: String) throws {
        try configured(nil, text) { directory in
            let error = #expect(throws: StorageError.self) {
                try origins("hdfs://nn/", in: directory)
            }
            #expect(error?.description.contains("hdfs-site.xml") == true)
        }
        #expect(throws: StorageError.self) { try origins("hdfs://nn/", in: "/nowhere") }
    }

    @Test func aNameserviceWithoutAddressesIsRefused() throws {
        let hdfs = xml([("dfs.nameservices", "hera"), ("dfs.ha.namenodes.hera", "nn1,nn2")])
        try configured(nil, hdfs) { directory in
            let error = #expect(throws: StorageError.self) {
                try origins("hdfs://hera/", in: directory)
            }
            #expect(error?.description.contains("dfs.namenode.http-address.hera.nn1") == true)
        }
    }
}
