/// Why a demo did not come to its end.
package struct DemoError: Error, CustomStringConvertible {
    package let description: String

    static func directoryInUse(_ path: String) -> DemoError {
        DemoError(
            description: "\(path) is not empty and no demo's: a demo would mix its events with what is there; "
                + "give another directory with --data"
        )
    }

    static func sinkStopped(_ reason: String) -> DemoError {
        DemoError(description: "the sink stopped before everything was filed: \(reason)")
    }

    static func auditFailed(_ text: String) -> DemoError {
        DemoError(description: "the audit found that not every record is accounted for:\n\(text)")
    }
}
