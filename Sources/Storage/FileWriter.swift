/// A file that is being written, from its creation to its end; nobody else writes it.
///
/// Bytes go to the file system as they come: callers hand over large pieces, not single records.
/// A writer is used by one task at a time.
package protocol FileWriter: Sendable {
    /// Appends `bytes`.
    ///
    /// - Throws: `StorageError`; the file is then of no use and `abandon()` is what remains.
    func write(_ bytes: [UInt8]) async throws(StorageError)

    /// Ends the file and checks that the file system holds as many bytes as were written.
    ///
    /// - Returns: The length in bytes.
    /// - Throws: `StorageError`, with the code `wrongLength` where the file is not whole.
    func close() async throws(StorageError) -> Int64

    /// Lets go of a file that nobody wants any more; the name stays until it is deleted. Never fails, may be repeated.
    func abandon() async
}
