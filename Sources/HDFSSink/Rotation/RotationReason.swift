/// Why the records of a partition are filed now; the text is the setting that asked for it, or the occasion.
package enum RotationReason: String, Hashable, Sendable {
    case flushSize = "flush.size"
    case sizeBytes = "rotate.size.bytes"
    case interval = "rotate.interval.ms"
    case schedule = "rotate.schedule.interval.ms"
    case directoryIsOver = "directory is over"
    case visibleWithin = "visible.within.ms"
    case retention = "retention"
    case openFiles = "too many open directories"
    case handedOver = "handed over"
}
