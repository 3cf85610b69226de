/// Why a pipeline's directory cannot be audited.
package struct LocalAuditError: Error, CustomStringConvertible {
    package let description: String

    static func noPipeline(_ data: String) -> LocalAuditError {
        LocalAuditError(
            description:
                "there is no pipeline in \(data); name its directory with --data, or a cluster and its storage with "
                + "storage with --bootstrap and --storage"
        )
    }

    static func addressUnknown(_ data: String) -> LocalAuditError {
        LocalAuditError(
            description:
                "the pipeline in \(data) is in use, but does not say where it listens (it is not `hera up`): name "
                + "name its address with --bootstrap and its files with --storage"
        )
    }
}
