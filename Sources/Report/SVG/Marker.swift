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
