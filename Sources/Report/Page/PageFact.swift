/// A name and what stands behind it.
struct PageFact {
    let name: String
    let value: String
}
