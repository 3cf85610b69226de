import Community
internal import Foundation

/// The file of one run's ground truth, written when the run begins and when it ends.
struct TruthFile: Sendable {
    let path: String

    /// Writes the beginning: a run whose process dies is then known to have been there.
    ///
    /// - Parameter truth: gets another name where a run of its name is there already.
    init(directory: String, beginning truth: inout GroundTruth) throws(GroundTruthError) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .directory(directory, because: error.localizedDescription)
        }
        let name = truth.run
        var copy = 1
        while FileManager.default.fileExists(atPath: GroundTruth.path(of: truth.run, in: directory)) {
            copy += 1
            truth.run = "\(name)-\(copy)"
        }
        path = GroundTruth.path(of: truth.run, in: directory)
        try truth.write(to: path)
    }

    /// Writes the end.
    func write(_ truth: GroundTruth) throws(GroundTruthError) {
        try truth.write(to: path)
    }
}
