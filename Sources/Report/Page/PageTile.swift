/// A key figure.
struct PageTile {
    let name: String
    let figure: String
    let note: String
}
