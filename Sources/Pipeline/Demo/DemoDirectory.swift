import Foundation

/// The directory of a demo: each demo begins with an empty one, and empties only what a demo has made.
struct DemoDirectory {
    static let marker = ".hera-demo"

    let path: String

    /// Makes the directory, or empties it where it is an earlier demo's.
    ///
    /// - Throws: ``DemoError`` where something else is in it.
    func prepare() throws {
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: path)) ?? []
        if !names.isEmpty {
            guard names.contains(Self.marker) else { throw DemoError.directoryInUse(path) }
            for name in names { try files.removeItem(atPath: path + "/" + name) }
        }
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("What is in here is removed by the next `hera demo --data \(path)`.\n".utf8)
            .write(to: URL(fileURLWithPath: path + "/" + Self.marker))
    }
}
