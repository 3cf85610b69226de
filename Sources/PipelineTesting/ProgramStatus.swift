import Subprocess

/// How a program ended.
public enum ProgramStatus: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this exit status.
    case exited(Int32)
    /// By this signal.
    case signaled(Int32)

    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .signaled(let signal): self = .signaled(signal)
        }
    }

    /// True for exit status 0.
    public var isSuccess: Bool { self == .exited(0) }

    public var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "ended by signal \(signal)"
        }
    }
}
