import Dispatch

/// Calls that may hold their thread for long, such as forcing a file to the disk, away from the threads that all
/// tasks share.
enum Blocking {
    private static let queue = DispatchQueue(label: "storage.blocking", attributes: .concurrent)

    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
