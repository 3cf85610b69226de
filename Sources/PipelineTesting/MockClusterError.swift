/// What librdkafka's mock of a cluster refused to do.
package struct MockClusterError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
