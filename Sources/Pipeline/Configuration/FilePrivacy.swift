import Foundation
import Synchronization

/// Who may read the files that the program makes: the umask of the process, which every file and directory goes by.
package enum FilePrivacy: String, CaseIterable, Sendable {
    /// Files are 0600, directories 0700: the events are about persons.
    case `private`
    /// Files are 0640, directories 0750.
    case group
    /// As the umask says with which the program was started.
    case system

    private static let started = Mutex<mode_t?>(nil)

    /// Makes all files private from now on, until ``apply()`` says otherwise. Called once, before any file is made.
    package static func begin() {
        started.withLock { $0 = umask(0o077) }
    }

    package func apply() {
        let before = Self.started.withLock { $0 } ?? 0o022
        switch self {
        case .private: _ = umask(before | 0o077)
        case .group: _ = umask(before | 0o027)
        case .system: _ = umask(before)
        }
    }
}
