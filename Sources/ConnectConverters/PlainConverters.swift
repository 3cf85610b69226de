package import ConnectAPI

/// Connect's `StringConverter`: UTF-8 text, handed on as it is.
package struct StringConverter: Converter, DataCoder {
    package static let plugin = Plugin<any Converter>(
        classNames: ["StringConverter", "org.apache.kafka.connect.storage.StringConverter"]
    ) { _ in StringConverter() }

    package init() {}

    package var coder: any DataCoder { self }

    package func decode(_ bytes: UnsafeRawBufferPointer) -> DataValue {
        .string(String(decoding: bytes, as: UTF8.self))
    }

    package func encode(_ value: DataValue) throws(DataError) -> [UInt8] {
        switch value {
        case .string(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .null, .bool, .number, .array, .object: JSONCoder().encode(value)
        }
    }
}

/// Connect's `ByteArrayConverter`: bytes, handed on as they are.
package struct ByteArrayConverter: Converter {
    package static let plugin = Plugin<any Converter>(
        classNames: ["ByteArrayConverter", "org.apache.kafka.connect.converters.ByteArrayConverter"]
    ) { _ in ByteArrayConverter() }

    package init() {}

    package var coder: any DataCoder { BytesCoder() }
}

/// Connect's `SimpleHeaderConverter`: a header is JSON where its text is, and else a string. Strings are written without
/// quotation marks.
package struct SimpleHeaderConverter: Converter, DataCoder {
    package static let plugin = Plugin<any Converter>(
        classNames: ["SimpleHeaderConverter", "org.apache.kafka.connect.storage.SimpleHeaderConverter"]
    ) { _ in SimpleHeaderConverter() }

    package init() {}

    package var coder: any DataCoder { self }

    package func decode(_ bytes: UnsafeRawBufferPointer) -> DataValue {
        do {
            return try JSONCoder().decode(bytes)
        } catch {
            return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(Array(bytes))
        }
    }

    package func encode(_ value: DataValue) throws(DataError) -> [UInt8] { try StringConverter().encode(value) }
}
