import NIOHTTP1
import NIOSSL
import PipelineTesting
import Storage
import SystemPackage
import Testing

/// What the client makes of a server's answers, without a real HDFS: each answer that one can give.
@Suite(.timeLimit(.minutes(15))) struct WebHDFSClientTests {
    private static let file = #"{"FileStatus":{"length":3,"pathSuffix":"","type":"FILE"}}"#

    private func storage(
        _ addresses: [String],
        _ change: (inout HDFSOptions) -> Void = { _ in }
    ) throws -> any FileSystem {
        var options = HDFSOptions(user: "hera")
        // What succeeds in the end does so however slow the machine is.
        options.retryFor = .seconds(300)
        change(&options)
        return try StorageLocation("webhdfs://\(addresses.joined(separator: ","))/root").fileSystem(options)
    }

    private func error(_ body: () async throws(StorageError) -> Void) async -> StorageError? {
        do throws(StorageError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func theActiveNameNodeIsFoundAndRemembered() async throws {
        try await ScriptedServer.run { _, _ in
            .exception("StandbyException")
        } _: { standby in
            try await ScriptedServer.run { _, _ in
                .response(200, Self.file)
            } _: { active in
                let storage = try storage([standby.address, active.address])
                for _ in 0..<3 { #expect(try await storage.status(of: StoragePath("a"))?.length == 3) }
                #expect(standby.requests.count == 1)
                #expect(active.requests.count == 3)
                #expect(active.requests[0].target == "/webhdfs/v1/root/a?op=GETFILESTATUS&user.name=hera")
            }
        }
    }

    @Test func aNameNodeThatIsGoneIsSteppedOver() async throws {
        try await withRefusedAddress { gone in
            try await ScriptedServer.run { _, _ in
                .response(200, Self.file)
            } _: { active in
                let storage = try storage([gone, active.address])
                #expect(try await storage.status(of: StoragePath("a"))?.kind == .file)
            }
            let alone = try storage([gone]) { $0.retryFor = .milliseconds(200) }
            let failure = await error { () throws(StorageError) in _ = try await alone.status(of: StoragePath("a")) }
            #expect(failure?.code == .unavailable)
            #expect(failure?.description.contains("no connection to \(gone)") == true)
        }
    }

    @Test(arguments: ["SafeModeException", "RetriableException", "RecoveryInProgressException"])
    func whatCannotBeDoneNowIsTriedAgain(exception: String) async throws {
        try await ScriptedServer.run { number, _ in
            number < 2 ? .exception(exception) : .response(200, Self.file)
        } _: { server in
            let storage = try storage([server.address])
            #expect(try await storage.status(of: StoragePath("a")) != nil)
            #expect(server.requests.count == 3)
        }
    }

    @Test func tryingAgainEnds() async throws {
        try await ScriptedServer.run { _, _ in
            .exception("SafeModeException", "Name node is in safe mode.")
        } _: {
            server in
            let storage = try storage([server.address]) { $0.retryFor = .milliseconds(200) }
            let error = await error { () throws(StorageError) in
                try await storage.createDirectory(StoragePath("a"))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.isRetriable == true)
            #expect(error?.description.contains("Name node is in safe mode.") == true)
        }
    }

    /// Whoever stops while no NameNode answers does not wait for the end of every call; one answer, and calls are tried
    /// again as before.
    @Test func aStorageThatIsDownIsAskedOnce() async throws {
        try await ScriptedServer.run { number, request in
            request.target.contains("/up") || number == 0 ? .response(200, Self.file) : .exception("SafeModeException")
        } _: { server in
            let storage = try storage([server.address]) { $0.retryFor = .milliseconds(300) }
            let failing = { @Sendable () async -> Int in
                let before = server.requests.count
                let failure = await error { () throws(StorageError) in
                    try await storage.createDirectory(StoragePath("down"))
                }
                #expect(failure?.code == .unavailable)
                return server.requests.count - before
            }
            #expect(try await storage.status(of: StoragePath("a")) != nil)
            _ = await failing()
            #expect(await failing() == 1)
            #expect(try await storage.status(of: StoragePath("up")) != nil)
            _ = await failing()
            #expect(await failing() == 1)
        }
    }

    /// The answer to a rename is lost: it may have been done, so it is not done again.
    @Test func aRenameWithoutAnAnswerIsNotRepeated() async throws {
        try await ScriptedServer.run { _, _ in
            .cut
        } _: { server in
            let storage = try storage([server.address])
            let error = await error { () throws(StorageError) in
                _ = try await storage.rename(StoragePath("a"), to: StoragePath("b"))
            }
            #expect(error?.code == .answerLost)
            #expect(server.requests.map(\.operation) == ["RENAME"])
        }
    }

    @Test func aQuestionWithoutAnAnswerIsRepeated() async throws {
        try await ScriptedServer.run { number, _ in
            number == 0 ? .cut : .response(200, Self.file)
        } _: { server in
            let storage = try storage([server.address])
            #expect(try await storage.status(of: StoragePath("a")) != nil)
            #expect(server.requests.count == 2)
        }
    }

    /// HttpFS says `false` with status 200 where a target exists or a source is missing.
    @Test(arguments: [false, true])
    func theBooleanOfARenameIsItsResult(isDone: Bool) async throws {
        try await ScriptedServer.run { _, request in
            .response(200, request.operation == "RENAME" ? "{\n\"boolean\":\n\(isDone)\n}" : Self.file)
        } _: { server in
            let storage = try storage([server.address])
            #expect(try await storage.rename(StoragePath("a"), to: StoragePath("b")) == isDone)
        }
    }

    @Test(arguments: [
        ("FileNotFoundException", StorageError.Code.notFound), ("AccessControlException", .permissionDenied),
        ("DSQuotaExceededException", .noSpace), ("ParentNotDirectoryException", .notADirectory),
        ("InvalidPathException", .invalidPath), ("FSLimitException$PathComponentTooLongException", .invalidPath),
        ("IllegalStateException", .failed), ("UnsupportedOperationException", .unsupported),
    ])
    func exceptionsHaveTheirCodes(exception: String, code: StorageError.Code) async throws {
        try await ScriptedServer.run { _, _ in
            .exception(exception, "so it is\\nat x.y.Z", status: 404)
        } _: { server in
            let storage = try storage([server.address])
            let error = await error { () throws(StorageError) in _ = try await storage.open(StoragePath("a")) }
            #expect(error?.code == code)
            #expect(error?.reason.contains("so it is") == true)
            #expect(error?.reason.contains("x.y.Z") == false, "a stack trace is not shown")
        }
    }

    @Test func whatIsNotWebHDFSIsNamedAsThat() async throws {
        let page = "It looks like you are making an HTTP request to a Hadoop IPC port.\u{1B}[31m"
        try await ScriptedServer.run { _, _ in
            .response(404, page)
        } _: { server in
            let storage = try storage([server.address])
            let error = await error { () throws(StorageError) in _ = try await storage.list(.root) }
            #expect(error?.reason.contains("not that of WebHDFS") == true)
            #expect(error?.reason.contains("Hadoop IPC port") == true)
            #expect(error?.reason.contains("\u{1B}") == false)
            #expect(error?.reason.contains("9870") == true)
        }
    }

    @Test func kerberosIsNamedAsMissing() async throws {
        try await ScriptedServer.run { _, _ in
            .response(401, headers: [("WWW-Authenticate", "Negotiate")])
        } _: {
            server in
            let storage = try storage([server.address])
            let error = await error { () throws(StorageError) in _ = try await storage.list(.root) }
            #expect(error?.code == .permissionDenied)
            #expect(error?.reason.contains("SPNEGO") == true)
        }
    }

    /// What stands between may answer for the NameNode: then it is looked whether the file has its new name.
    @Test(arguments: [200, 307])
    func anAnswerThatSaysNothingOfARenameIsNone(status: Int) async throws {
        try await ScriptedServer.run { _, request in
            request.operation == "RENAME"
                ? .response(status, "<html>Sign in</html>", headers: [("Location", "https://elsewhere/")])
                : .response(200, Self.file)
        } _: { server in
            let storage = try storage([server.address])
            let failure = await error { () throws(StorageError) in
                _ = try await storage.rename(StoragePath("a"), to: StoragePath("b"))
            }
            #expect(failure?.code == .answerLost)
        }
    }

    @Test func aTokenIsNotRepeatedFromAPage() async throws {
        try await ScriptedServer.run { _, request in
            .response(403, "You may not see \(request.target)&DELEGATION=S3CRET!")
        } _: { server in
            let storage = try storage([server.address]) { $0.token = "S3CRET" }
            let failure = await error { () throws(StorageError) in _ = try await storage.status(of: StoragePath("a")) }
            #expect(failure?.description.contains("You may not see") == true)
            #expect(failure?.description.contains("S3CRET") == false)
        }
    }

    /// A password goes to the server that was configured, and to no other that this server names.
    @Test func aPasswordIsNotGivenToDataNodes() async throws {
        try await ScriptedServer.run { _, _ in
            .response(201)
        } _: { dataNode in
            try await ScriptedServer.run { _, request in
                switch request.operation {
                case "CREATE": .response(307, headers: [("Location", "http://\(dataNode.address)/f?op=CREATE")])
                case "GETFILESTATUS" where request.target.contains("/none"): .exception("FileNotFoundException")
                default: .response(200, Self.file)
                }
            } _: { nameNode in
                let storage = try storage([nameNode.address]) { $0.password = "secret" }
                let writer = try await storage.create(StoragePath("none"))
                try await writer.write(([1, 2, 3] as [UInt8]).span.bytes)
                _ = await error { () throws(StorageError) in _ = try await writer.close() }
                let header = "Basic aGVyYTpzZWNyZXQ="
                #expect(nameNode.requests.allSatisfy { $0.headers["Authorization"] == [header] })
                #expect(nameNode.requests.allSatisfy { !$0.target.contains("user.name") })
                #expect(dataNode.requests.map(\.body) == [[1, 2, 3]])
                #expect(dataNode.requests.allSatisfy { $0.headers["Authorization"].isEmpty })
            }
        }
    }

    @Test func aTokenStandsForTheUser() async throws {
        try await ScriptedServer.run { _, _ in
            .response(200, Self.file)
        } _: { server in
            let storage = try storage([server.address]) {
                $0.token = "a+b"
                $0.httpPath = "/gateway/default/webhdfs/v1"
            }
            _ = try await storage.status(of: .root)
            #expect(
                server.requests.map(\.target)
                    == ["/gateway/default/webhdfs/v1/root?op=GETFILESTATUS&delegation=a%2Bb"]
            )
        }
    }

    /// What a DataNode that gave no answer may have left is deleted, and the file is sent to another one.
    @Test func aSmallFileIsSentAgainToAnotherDataNode() async throws {
        try await ScriptedServer.run { number, _ in
            number == 0 ? .cut : .response(201)
        } _: { dataNode in
            try await ScriptedServer.run { number, request in
                switch request.operation {
                case "CREATE": .response(200, #"{"Location":"http://\#(dataNode.address)/f?op=CREATE"}"#)
                case "DELETE": .response(200, #"{"boolean":true}"#)
                default: number == 0 ? .exception("FileNotFoundException") : .response(200, Self.file)
                }
            } _: { nameNode in
                try await storage([nameNode.address]).write([1, 2, 3], to: StoragePath("a"))
                #expect(
                    nameNode.requests.map(\.operation)
                        == ["GETFILESTATUS", "CREATE", "CREATE", "DELETE", "GETFILESTATUS"]
                )
                let port = dataNode.address.split(separator: ":")[1]
                #expect(nameNode.requests[2].target.contains("excludedatanodes=127.0.0.1%2C127.0.0.1%3A\(port)"))
                #expect(dataNode.requests.map(\.body) == [[1, 2, 3], [1, 2, 3]])
            }
        }
    }

    /// A DataNode that sends less than the file has is asked for the rest.
    @Test func aBrokenReadGoesOnWhereItEnded() async throws {
        try await ScriptedServer.run { number, _ in
            .response(200, number == 0 ? "ab" : "c")
        } _: { dataNode in
            try await ScriptedServer.run { _, request in
                request.operation == "OPEN"
                    ? .response(200, #"{"Location":"http://\#(dataNode.address)/f?op=OPEN"}"#)
                    : .response(200, Self.file)
            } _: { nameNode in
                let bytes = try await storage([nameNode.address]).read(StoragePath("a"), bytesMax: 3)
                #expect(bytes == Array("abc".utf8))
                #expect(nameNode.requests.last?.target.contains("offset=2&length=1") == true)
            }
        }
    }

    @Test func anAuthorityOfOnesOwnIsTrusted() async throws {
        try await withTemporaryDirectory { directory in
            let (key, certificate) = (directory.appending("key.pem").string, directory.appending("cert.pem").string)
            let made = try await runProgram(
                BuiltPackage.systemProgram("openssl"),
                arguments: [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                ]
            )
            try #require(made.status.isSuccess, "\(made.errorText)")
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
            let tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
            try await ScriptedServer.run(tls: NIOSSLContext(configuration: tls)) { _, _ in
                .response(200, Self.file)
            } _: { server in
                var options = HDFSOptions(user: "hera")
                options.certificateAuthorities = certificate
                let location = try StorageLocation("swebhdfs://\(server.address)/root")
                #expect(try await location.fileSystem(options).status(of: StoragePath("a"))?.length == 3)
                options.certificateAuthorities = nil
                let stranger = try location.fileSystem(options)
                let failure = await error { () throws(StorageError) in _ = try await stranger.status(of: .root) }
                #expect(failure?.reason.contains("storage.ca-file") == true, "\(String(describing: failure))")
            }
        }
    }
}
