import CommitLog

/// What is left of a topic that is deleted. None of it comes back: each part is removed at the latest where it would be in
/// the way.
struct DeletionRemains {
    /// Why some of its files are still there; the next start removes them.
    var files: LogError?
    /// Why groups still have offsets of it; they are forgotten before a topic gets the same name.
    var offsets: IngestorError?
}
