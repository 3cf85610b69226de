/// Something that is worth knowing and no error: foreign records, records lost to retention, work under way.
package struct AuditNote: Hashable, Sendable, Codable {
    package var topic: String?
    package var partition: Int32?
    package var text: String

    package init(topic: String? = nil, partition: Int32? = nil, _ text: String) {
        self.topic = topic
        self.partition = partition
        self.text = text
    }
}
