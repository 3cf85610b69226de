import ConnectAPI
import Testing

@Suite struct ConfigurationJSONTests {
    @Test func peoplesJSONIsRead() throws {
        let json = """
            {"_comment": "one", "tasks.max": "6", "_comment": "two",
             "errors.deadletterqueue.topic.replication.factor": 1, "on": true, "rate": 0.5, "none": null}
            """
        let settings = try ConfigurationJSON.settings(in: Array(json.utf8))
        #expect(settings["tasks.max"] == "6")
        #expect(settings["errors.deadletterqueue.topic.replication.factor"] == "1")
        #expect(settings["on"] == "true")
        #expect(settings["rate"] == "0.5")
        #expect(settings["none"] == nil)
        #expect(settings["_comment"] != nil)
    }

    @Test(arguments: ["", "[]", "{\"a\": {\"b\": 1}}", "{\"a\": [1]}", "{"])
    func whatIsNoPlainObjectIsRefused(json: String) {
        #expect(throws: ConfigurationError.self) {
            try ConfigurationJSON.settings(in: Array(json.utf8))
        }
    }
}
