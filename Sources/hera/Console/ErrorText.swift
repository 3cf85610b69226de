import Foundation

/// An error as a person reads it. Our own errors are sentences; Foundation's are made some here.
enum ErrorText {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as CocoaError:
            let place = error.filePath ?? error.url?.path ?? "a file"
            let reason = (error.underlying as? POSIXError).map { words($0.code.rawValue) }
            return "cannot read or write \(place): \(reason ?? "refused by the system (code \(error.errorCode))")"
        case let error as POSIXError:
            return words(error.code.rawValue)
        default:
            return "\(error)"
        }
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
