import Storage

/// One complete file of the raw zone.
struct RawZoneFile: Equatable, Sendable {
    let topic: RawZoneTopic
    /// Where it lies in the storage.
    let path: StoragePath
    /// Path from the raw zone's directory, as it is shown.
    let relativePath: String
    /// The hour that its directories name, if they do.
    let hour: CalendarHour?
}
