/// The timestamps with a special meaning in ``ListOffsetsRequest``.
package enum OffsetTimestamp {
    /// The offset that the next record will have.
    package static let latest: Int64 = -1
    /// The first offset that the log still has.
    package static let earliest: Int64 = -2
    /// The offset of the record with the greatest timestamp, from version 7 on (KIP-734).
    package static let maximum: Int64 = -3
    /// The first offset on this node's own disks, from version 8 on (KIP-405): ``earliest`` without remote storage.
    package static let earliestLocal: Int64 = -4
    /// The last offset in remote storage, from version 9 on (KIP-1005): none, -1, without it.
    package static let latestTiered: Int64 = -5
}
