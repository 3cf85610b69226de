import Foundation
import FoundationXML

/// The properties of `core-site.xml` and `hdfs-site.xml` of a directory.
///
/// Read with Foundation's parser, which comes with Swift: entities, comments, CDATA and encodings are XML's, and a reader
/// of our own would have to be as careful with files that others write.
struct HadoopConfiguration: Sendable {
    private static let files = ["core-site.xml", "hdfs-site.xml"]
    /// As Hadoop: a value that refers to values that refer to values … ends somewhere.
    private static let substitutionsMax = 20

    private let properties: [String: String]

    init(_ properties: [String: String]) {
        self.properties = properties
    }

    /// Reads the files of `directory`.
    ///
    /// - Throws: `StorageError` if there is none of the two, or one cannot be read.
    init(directory: String) throws(StorageError) {
        var found: [String: String] = [:]
        var count = 0
        for name in Self.files {
            let path = directory + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { continue }
            count += 1
            try found.merge(Self.properties(ofFile: path)) { $1 }
        }
        guard count > 0 else {
            throw StorageError(
                .notFound,
                .read,
                directory,
                "it has neither core-site.xml nor hdfs-site.xml; name the directory of Hadoop's configuration"
            )
        }
        properties = found
    }

    private static func properties(ofFile path: String) throws(StorageError) -> [String: String] {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: HDFSLimits.configurationBytes + 1) ?? Data()
        } catch {
            throw StorageError(.failed, .read, path, "it cannot be read: see its permissions")
        }
        guard data.count <= HDFSLimits.configurationBytes else {
            throw StorageError(.tooLarge, .read, path, "it has more than \(HDFSLimits.configurationBytes) bytes")
        }
        let reader = PropertyReader()
        let parser = XMLParser(data: data)
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        // The parser does not mind elements that are still open at the end.
        guard parser.parse(), reader.isWhole else {
            throw StorageError(.failed, .read, path, "line \(parser.lineNumber) is not XML")
        }
        return reader.properties
    }

    /// The value of a property, with `${…}` replaced; `nil` if it is not set or empty.
    subscript(_ name: String) -> String? {
        guard var value = properties[name] else { return nil }
        for _ in 0..<Self.substitutionsMax {
            guard let start = value.range(of: "${"),
                let end = value.range(of: "}", range: start.upperBound..<value.endIndex),
                let other = properties[String(value[start.upperBound..<end.lowerBound])]
            else { break }
            value.replaceSubrange(start.lowerBound..<end.upperBound, with: other)
        }
        value = value.trimmingCharacters(in: .whitespacesAndNewlines)
        return value.isEmpty ? nil : value
    }

    /// The entries of a value that is a list.
    func list(_ name: String) -> [String] {
        (self[name] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
    }
}

/// Takes names and values out of `<property>` elements.
private final class PropertyReader: NSObject, XMLParserDelegate {
    private(set) var properties: [String: String] = [:]
    private var name: String?
    private var value: String?
    private var text = ""
    private var depth = 0

    /// Whether all elements have ended.
    var isWhole: Bool { depth == 0 }

    func parser(
        _ parser: XMLParser,
        didStartElement element: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        depth += 1
        if element == "property" {
            name = nil
            value = nil
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, foundCDATA block: Data) { text += String(decoding: block, as: UTF8.self) }

    func parser(
        _ parser: XMLParser,
        didEndElement element: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        depth -= 1
        switch element {
        case "name": name = text.trimmingCharacters(in: .whitespacesAndNewlines)
        case "value": value = text
        case "property":
            if let name, let value { properties[name] = value }
        default: break
        }
        text = ""
    }
}
