/// A file of the raw zone as it lies there.
package struct FileEvidence: Hashable, Sendable {
    /// Below the storage's root.
    package var path: String
    package var name: RawFileName
    package var scan: FileScan

    package init(path: String, name: RawFileName, scan: FileScan) {
        self.path = path
        self.name = name
        self.scan = scan
    }
}
