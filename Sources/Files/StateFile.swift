import Checksums
package import SystemPackage

/// A small file that is replaced as a whole, with its kind, version and checksum in front:
///
///     {"crc32c":"9a3c01fe","kind":"topics","version":2}⏎     one line
///     …                                                       the payload, any bytes
///
/// The checksum is the CRC-32C of `kind`, a space, `version` as decimal digits, a line feed, and the payload. So it also
/// covers what the header says. The header is always written in exactly this form.
///
/// A crash at any moment leaves the old file or the new one. Damage is found when the file is read; a kind or a version
/// that this program does not know is refused. Files of format 1 had no header: their owner reads and replaces them.
package struct StateFile: Sendable {
    /// What a file holds.
    package enum Content: Equatable, Sendable {
        /// There is no file.
        case absent
        /// A payload whose checksum is right.
        case payload([UInt8], version: Int)
        /// A file without a header: of format 1, or damaged; its owner decides which.
        case headerless([UInt8])
    }

    /// The first version with a header.
    package static let oldestVersion = 2

    package let path: FilePath
    /// What the file is, so that one file in the place of another is refused.
    package let kind: String
    /// The version that is written, and the newest that is read.
    package let version: Int
    /// What to do about a damaged file, as a sentence.
    package let cure: String
    private let disk: Disk

    package init(_ path: FilePath, kind: String, version: Int, cure: String, disk: Disk = Disk()) {
        precondition(version >= Self.oldestVersion, "version \(version) of \(kind) has no header")
        self.path = path
        self.kind = kind
        self.version = version
        self.cure = cure
        self.disk = disk
    }

    /// - Throws: ``FileError/Code/damaged``, ``FileError/Code/unknownFormat``, or what the operating system refused.
    package func read() throws(FileError) -> Content {
        guard let bytes = try disk.contents(of: path) else { return .absent }
        guard let header = Header(bytes) else { return .headerless(bytes) }
        let payload = Array(bytes[header.byteCount...])
        guard header.checksum == Self.checksum(header.kind, header.version, payload) else {
            throw damaged("its checksum does not match")
        }
        guard header.kind == kind else {
            throw unknown("is of the kind '\(header.kind)', not '\(kind)'", "Put the right file in its place")
        }
        guard header.version <= version else {
            throw unknown(
                "has version \(header.version); this program knows versions up to \(version)",
                "It was written by a newer hera: use that one"
            )
        }
        guard header.version >= Self.oldestVersion, bytes.starts(with: header.line) else {
            throw damaged("its header is not in the form that is written")
        }
        return .payload(payload, version: header.version)
    }

    /// Replaces the file.
    ///
    /// - Parameter durably: Whether it survives a power cut; the call waits for the device then.
    package func write(_ payload: [UInt8], durably: Bool = true) throws(FileError) {
        let header = Header(
            checksum: Self.checksum(kind, version, payload),
            kind: kind,
            version: version
        )
        try disk.replace(path, with: header.line + payload, durably: durably)
    }

    /// The error for a file whose content its owner cannot read.
    package func damaged(_ reason: String) -> FileError { .damaged(path, reason, cure: cure) }

    private func unknown(_ reason: String, _ cure: String) -> FileError {
        FileError(.unknownFormat, path, "\(path) \(reason)", cure: cure)
    }

    private static func checksum(_ kind: String, _ version: Int, _ payload: [UInt8]) -> String {
        var checksum = CRC32C()
        checksum.update(Array("\(kind) \(version)\n".utf8))
        checksum.update(payload)
        return checksum.digits
    }

    /// The first line.
    private struct Header {
        let checksum: String
        let kind: String
        let version: Int
        /// As it was read, the line feed included.
        let byteCount: Int

        init(checksum: String, kind: String, version: Int) {
            (self.checksum, self.kind, self.version) = (checksum, kind, version)
            byteCount = 0
        }

        /// The header in front of `bytes`; `nil` where there is none. A newer program may append fields.
        init?(_ bytes: [UInt8]) {
            let start = bytes.prefix(Limits.headerBytesMax)
            guard let end = start.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            var rest = start[..<end]
            guard Self.skip(#"{"crc32c":""#, &rest),
                let checksum = Self.take(&rest, { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
                checksum.utf8.count == 8, Self.skip(#"","kind":""#, &rest),
                let kind = Self.take(&rest, { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }),
                Self.skip(#"","version":"#, &rest), let digits = Self.take(&rest, { (0x30...0x39).contains($0) }),
                digits.utf8.count <= 9, let version = Int(digits),
                rest.first == UInt8(ascii: ",") || rest.first == UInt8(ascii: "}")
            else { return nil }
            (self.checksum, self.kind, self.version) = (checksum, kind, version)
            byteCount = end + 1
        }

        private static func skip(_ text: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        /// The characters at the front that satisfy `isPart`; `nil` where there are none.
        private static func take(_ rest: inout ArraySlice<UInt8>, _ isPart: (UInt8) -> Bool) -> String? {
            let part = rest.prefix(while: isPart)
            rest = rest[part.endIndex...]
            return part.isEmpty ? nil : String(decoding: part, as: UTF8.self)
        }

        var line: [UInt8] {
            Array(#"{"crc32c":"\#(checksum)","kind":"\#(kind)","version":\#(version)}"#.utf8) + [UInt8(ascii: "\n")]
        }
    }
}
