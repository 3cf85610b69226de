import PlainText

/// Markup of SVG, one element after the other. Everything that goes in is escaped.
package struct SVGCanvas: Sendable {
    /// An attribute and its value.
    package typealias Attribute = (name: String, value: String)

    package private(set) var markup = ""

    package init() {}

    /// An element without content, or with text.
    package mutating func add(_ name: String, _ attributes: [Attribute], text: String? = nil) {
        open(name, attributes, isEmpty: text == nil)
        guard let text else { return }
        markup += SVGText.escape(text)
        markup += "</\(name)>"
    }

    /// An element around others.
    package mutating func group(
        _ name: String,
        _ attributes: [Attribute],
        _ content: (inout SVGCanvas) -> Void
    ) {
        open(name, attributes, isEmpty: false)
        content(&self)
        markup += "</\(name)>"
    }

    /// Text at a place; `anchor` is `start`, `middle` or `end`.
    package mutating func text(
        _ text: String,
        x: Double,
        y: Double,
        anchor: String = "start",
        style: String? = nil
    ) {
        var attributes: [Attribute] = [("x", SVGText.coordinate(x)), ("y", SVGText.coordinate(y))]
        if anchor != "start" { attributes.append(("text-anchor", anchor)) }
        if let style { attributes.append(("class", style)) }
        add("text", attributes, text: text)
    }

    /// A straight line.
    package mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), style: String) {
        add(
            "line",
            [
                ("class", style),
                ("x1", SVGText.coordinate(start.x)), ("y1", SVGText.coordinate(start.y)),
                ("x2", SVGText.coordinate(end.x)), ("y2", SVGText.coordinate(end.y)),
            ]
        )
    }

    /// A bar with what it says when pointed at.
    package mutating func bar(
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        style: String,
        title: String
    ) {
        group(
            "rect",
            [
                ("class", style),
                ("x", SVGText.coordinate(x)), ("y", SVGText.coordinate(y)),
                ("width", SVGText.coordinate(max(0, width))), ("height", SVGText.coordinate(max(0, height))),
            ]
        ) { $0.add("title", [], text: title) }
    }

    private mutating func open(_ name: String, _ attributes: [Attribute], isEmpty: Bool) {
        markup += "<\(name)"
        for attribute in attributes { markup += " \(attribute.name)=\"\(SVGText.escape(attribute.value))\"" }
        markup += isEmpty ? "/>" : ">"
    }
}

/// Text and numbers as they are written in markup.
package enum SVGText {
    /// Replaces what markup would take for its own. Characters that cannot be shown, many of which XML cannot hold, are
    /// written out (see `PrintableText`).
    package static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in PrintableText.escaping(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\u{FFFE}", "\u{FFFF}": continue
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A coordinate to a tenth, without needless zeros.
    package static func coordinate(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let (units, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(units)" : "\(units).\(rest)")
    }
}

/// How a series is drawn: a colour and a shape, so that it is known without colour.
package struct Marker: Equatable, Sendable {
    /// Colours that the style sheet has; they stay apart for the common kinds of colour blindness.
    package static let colours = 6
    private static let shapes = [
        "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
        "M0-6L5.6 4.4H-5.6z",
        "M-4.4-4.4H4.4V4.4H-4.4z",
        "M0-6.4L5 0L0 6.4L-5 0z",
        "M-1.8-5.6H1.8V-1.8H5.6V1.8H1.8V5.6H-1.8V1.8H-5.6V-1.8H-1.8z",
        "M0 6L5.6-4.4H-5.6z",
        "M-5.2-3L0-6L5.2-3V3L0 6L-5.2 3z",
        "M0-6L1.7-1.9L6-1.5L2.7 1.4L3.7 5.6L0 3.3L-3.7 5.6L-2.7 1.4L-6-1.5L-1.7-1.9z",
    ]

    /// Class of the style sheet that gives the colour.
    package let style: String
    /// Path of the shape around the origin, about 12 units wide.
    package let path: String

    /// The marker of the series with this number, the first being 1.
    package init(number: Int) {
        let index = max(0, number - 1)
        style = "s\(index % Self.colours + 1)"
        path = Self.shapes[index % Self.shapes.count]
    }

    /// A small picture of the marker alone, to stand in text.
    package var icon: String {
        var canvas = SVGCanvas()
        canvas.group("svg", [("class", "icon"), ("viewBox", "-8 -8 16 16"), ("aria-hidden", "true")]) {
            $0.add("path", [("class", style), ("d", path)])
        }
        return canvas.markup
    }
}
