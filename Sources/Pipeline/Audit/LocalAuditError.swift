/// Why a pipeline's directory cannot be audited.
package struct LocalAuditError: Error, CustomStringConvertible {
    package let description: String

    static func noPipeline(_ data: String) -> LocalAuditError {
        LocalAuditError(
            description: "there is no pipeline in \(data); name its directory with --data, or a cluster and its files "
                + "with --bootstrap and --storage"
        )
    }

    static func addressUnknown(_ data: String) -> LocalAuditError {
        LocalAuditError(
            description:
                "\(data) is in use, and not by `hera up`, which would say where it listens; where another audit "
                + "runs, wait for it, else give the address and the files with --bootstrap and --storage"
        )
    }
}
