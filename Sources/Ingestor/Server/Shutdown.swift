/// Told to every connection when the ingestor stops: finish what is under way, then close.
struct Shutdown: Sendable {}
