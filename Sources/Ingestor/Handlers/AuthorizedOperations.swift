/// What a client may do, as the bits that answers have for it: the bit of an operation is its number in Kafka's ACLs.
/// Without an authorizer these are all operations that there are, as in Kafka.
enum AuthorizedOperations {
    private static let read = 3
    private static let write = 4
    private static let create = 5
    private static let delete = 6
    private static let alter = 7
    private static let describe = 8
    private static let clusterAction = 9
    private static let describeConfigs = 10
    private static let alterConfigs = 11
    private static let idempotentWrite = 12

    static let topic = bits([read, write, create, delete, alter, describe, describeConfigs, alterConfigs])
    static let group = bits([read, delete, describe, describeConfigs, alterConfigs])
    static let cluster = bits([
        create, alter, describe, clusterAction, describeConfigs, alterConfigs, idempotentWrite,
    ])

    private static func bits(_ operations: [Int]) -> Int32 { operations.reduce(0) { $0 | 1 << $1 } }
}
