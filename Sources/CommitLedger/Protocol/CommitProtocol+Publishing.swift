// Giving the files of a placed record their final names: section 6 of the specification.
extension CommitProtocol {
    mutating func publish(_ publication: Publication) -> Action {
        guard publication.index < publication.stored.record.files.count else { return publishedAll(publication) }
        guard publication.attempt <= Limits.attemptsMax else {
            let names = "\(publication.file.temporary) to \(publication.file.final)"
            return stop(Problem(isRetriable: true, "the storage does not rename \(names)"))
        }
        state = .publishing(publication)
        return .publish(publication.file)
    }

    mutating func published(_ publication: Publication) -> Action {
        var publication = publication
        publication.index += 1
        publication.attempt = 1
        return publish(publication)
    }

    mutating func look(_ publication: Publication) -> Action {
        state = .looking(publication)
        return .look(publication.file)
    }

    mutating func looked(_ publication: Publication, temporary: Bool, final: Bool) -> Action {
        var publication = publication
        switch (temporary, final) {
        case (false, true): return published(publication)
        case (true, false):
            publication.attempt += 1
            return publish(publication)
        case (true, true):
            let names =
                "\(publication.file.final) exists, and so does \(publication.file.temporary), which is to get its name"
            let advice = "another program wrote the first; move it away, and filing goes on by itself"
            return stop(Problem(isRetriable: false, "\(names); \(advice)"))
        case (false, false):
            // Nobody who keeps to the protocol deletes a file that the newest record names, so it was renamed,
            // and then taken away by somebody else. A takeover says so in its record and goes on; the writer itself,
            // which has just written the file, does not.
            guard publication.old == nil else {
                let names = "\(publication.file.final) is committed and gone, and so is \(publication.file.temporary)"
                return stop(Problem(isRetriable: false, "\(names); somebody else removes files of this storage"))
            }
            publication.missing.append(publication.file.final)
            return published(publication)
        }
    }

    mutating func publishedAll(_ publication: Publication) -> Action {
        if let old = publication.old { return prune(publication.stored, old[...]) }
        missing = publication.missing
        return writeTakeover(after: publication.stored)
    }
}
