import CommitLedger
import ConnectAPI
import KafkaTopics
import Logging
import Storage

extension PartitionFiler {
    /// Files all that was taken, in one commit.
    mutating func commit(_ reason: RotationReason, now: Moment) async throws(FilingError) {
        guard let offsets = pending, !offsets.isEmpty else { return }
        var closed: [CommitRecord.File] = []
        do {
            for index in files.indices {
                closed.append(try await files[index].close(layout: ledger.layout, lineage: takeover.lineage))
            }
        } catch {
            throw .storage(error)
        }
        let proposal = CommitProposal(
            first: offsets.lowerBound,
            next: offsets.upperBound,
            files: closed,
            lost: lost.list,
            absent: absent.list,
            counts: counts,
            fingerprint: fingerprint,
            topicID: topicID,
            time: now.wall.milliseconds
        )
        // From here on the files belong to the protocol, whatever comes of it.
        files = []
        let outcome: CommitLedger.Outcome
        do {
            outcome = try await ledger.commit(proposal)
        } catch {
            throw .protocolStopped(error)
        }
        guard case .committed(let record) = outcome else { throw .fenced }
        log(record, reason)
        pending = offsets.upperBound..<offsets.upperBound
        counts = CommitCounts()
        lost = OffsetRanges()
        absent = OffsetRanges()
        policy.committed()
    }

    /// Drops what was not committed. Files that a commit was tried with are left: it may have succeeded, and the next
    /// takeover knows.
    mutating func drop() async {
        for file in files {
            await file.abandon()
            do {
                _ = try await storage.delete(file.temporary)
            } catch {
                // The next takeover sweeps it.
                logger.debug("a temporary file stays for now", metadata: [LogKeys.error: "\(error)"])
            }
        }
        files = []
    }

    private func log(_ record: CommitRecord, _ reason: RotationReason) {
        // Only now, and so once: as long as a loss is not committed, each takeover finds it anew.
        for offsets in record.lost {
            logger.error(
                "retention removed records before they were filed",
                metadata: [
                    LogKeys.partition: "\(partition)", LogKeys.offsets: "\(offsets.first)..<\(offsets.next)",
                ]
            )
        }
        logger.info(
            "filed records",
            metadata: [
                LogKeys.partition: "\(partition)",
                LogKeys.offsets: "\(record.first ?? 0)..<\(record.next ?? 0)",
                LogKeys.rows: "\(record.counts.rows)",
                LogKeys.files: "\(record.files.count)",
                LogKeys.reason: "\(reason.rawValue)",
                LogKeys.sequence: "\(record.sequence)",
            ]
        )
    }
}
