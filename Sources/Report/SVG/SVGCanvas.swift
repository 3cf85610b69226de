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
