/// Why a demo did not come to its end.
package struct DemoError: Error, CustomStringConvertible {
    package let description: String

    static func directoryInUse(_ path: String) -> DemoError {
        DemoError(
            description: "\(path) is not empty, and no demo made what is in it: a demo would mix its events with it; "
                + "give another directory, as in: hera demo --data hera-demo"
        )
    }

    static func sinkStopped(_ reason: String) -> DemoError {
        DemoError(description: "the sink stopped before everything was filed: \(reason)")
    }

    static func auditFailed(_ text: String) -> DemoError {
        DemoError(description: "the audit found that not every record is accounted for:\n\(text)")
    }
}
