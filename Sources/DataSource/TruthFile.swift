import Community
import Files
import GroundTruth
import SystemPackage

/// The file of one run's ground truth, written when the run begins, before it sends, and when it ends.
struct TruthFile: Sendable {
    let path: String

    /// Writes the beginning: a run whose process dies is then known to have been there.
    ///
    /// - Parameter truth: gets another name where a run of its name is there already.
    init(directory: String, beginning truth: inout GroundTruth) throws(GroundTruthError) {
        let disk = Disk()
        do throws(FileError) {
            try disk.makeDirectoryDurably(FilePath(directory))
        } catch {
            throw .directory(directory, because: error.reason)
        }
        let name = truth.run
        var copy = 1
        while disk.exists(FilePath(GroundTruth.path(of: truth.run, in: directory))) {
            copy += 1
            truth.run = "\(name)-\(copy)"
        }
        path = GroundTruth.path(of: truth.run, in: directory)
        try truth.write(to: path)
    }

    /// Writes what has become known.
    func write(_ truth: GroundTruth) throws(GroundTruthError) {
        try truth.write(to: path)
    }
}
