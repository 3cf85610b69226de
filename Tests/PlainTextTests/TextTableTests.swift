import PlainText
import Testing

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        let table = TextTable(["TOPIC", "RECORDS"], [["utenti", "7"], ["a", "1200"]])
        #expect(table.lines == ["TOPIC   RECORDS", "utenti        7", "a          1200"])
    }

    @Test func numbersStandLeftOnRequest() {
        let table = TextTable(["KEY", "VALUE"], [["a", "7"], ["b", "1200"]], rightAligned: .none)
        #expect(table.lines == ["KEY  VALUE", "a    7", "b    1200"])
    }

    @Test func chosenColumnsAreAlignedRight() {
        let table = TextTable(["TOPIC", "LAG"], [["a", "-"], ["b", "1200"]], rightAligned: .columns(1..<2))
        #expect(table.lines == ["TOPIC   LAG", "a         -", "b      1200"])
    }

    @Test func tableWithoutHeader() {
        #expect(TextTable(nil, [["sink", "7"], ["ingestor", "12"]]).lines == ["sink       7", "ingestor  12"])
        #expect(TextTable(nil, []).lines == [])
    }

    @Test func cellsAreEscaped() {
        #expect(TextTable(["A"], [["x\ny"]]).lines == ["A", "x\\ny"])
    }
}
