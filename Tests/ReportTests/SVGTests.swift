import Report
import Testing

@Suite struct SVGTests {
    @Test func markupInTextsAndAttributesIsEscaped() {
        var canvas = SVGCanvas()
        canvas.group("g", [("class", #"a"b<c>"#)]) { $0.text("<&'\">", x: 1, y: 2.25) }
        #expect(
            canvas.markup == #"<g class="a&quot;b&lt;c&gt;"><text x="1" y="2.3">&lt;&amp;&#39;&quot;&gt;</text></g>"#
        )
    }

    @Test func charactersThatCannotBeShownAreWrittenOut() {
        #expect(SVGText.escape("a\u{0}b\u{1F}c\u{FFFF}\n€") == #"a\u{00}b\u{1f}c\n€"#)
    }

    @Test(arguments: [(1.0, "1"), (1.25, "1.3"), (-0.04, "0"), (-1.5, "-1.5"), (100.96, "101")])
    func coordinatesAreShort(value: Double, text: String) {
        #expect(SVGText.coordinate(value) == text)
    }

    @Test func markersDifferByShapeAndColour() {
        let markers = (1...24).map { Marker(number: $0) }
        let looks = Set(markers.map { $0.style + $0.path })
        #expect(looks.count == 24)
        #expect(Set(markers.prefix(6).map(\.style)).count == 6)
        #expect(Set(markers.prefix(8).map(\.path)).count == 8)
    }
}
