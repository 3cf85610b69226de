import Analysis
import Storage

/// One complete file of the raw zone.
struct RawZoneFile: Equatable, Sendable {
    let topic: RawZoneTopic
    /// Where it lies in the storage.
    let path: StoragePath
    /// Path from the raw zone's directory, as it is shown.
    let relativePath: String
    /// Its length when the zone was listed; 0 where that is not known, as of a link.
    let bytes: Int
    /// The hour that its directories name, if they do.
    let hour: CalendarHour?
}
