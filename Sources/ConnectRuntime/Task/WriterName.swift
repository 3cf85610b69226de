import Glibc

/// Names for those who write, none of which comes twice.
enum WriterName {
    /// A new name: process and task for people, random digits so that no other process on any machine has it.
    static func make(task: Int) -> String {
        var random = SystemRandomNumberGenerator()
        let digits = String(random.next(), radix: 16)
        return "\(getpid())-\(String(repeating: "0", count: 16 - digits.count))\(digits)/\(task)"
    }
}
