import Catalog
import Core
import Release

// Rows as people read them.

extension Snapshot {
    func facts(_ row: EndpointRow) throws -> EndpointFacts {
        let unfinished = try unfinishedReleases(of: row.id)
        let repo = try row.repo.flatMap { try self.repo(id: $0) }
        var drift: EndpointFacts.Drift?
        // A commit asked for by its id cannot drift.
        if let repo, let spec = try? RevisionSpec(parsing: row.asked), case .name = spec {
            let now = try revision(spec, in: repo.id)?.commit
            if now != row.askedCommit { drift = .init(asked: row.asked, applied: row.askedCommit, now: now) }
        }
        return EndpointFacts(
            spec: row.spec, repo: repo?.name, generation: row.generation, stable: try row.stable.map { try backendRow(row: $0).label },
            stableSince: try row.stableRelease.map { try releaseID(row: $0) },
            active: unfinished.first { $0.release.phase != .pending }?.release.spec.id,
            pending: unfinished.filter { $0.release.phase == .pending }.map(\.release.spec.id), route: try routeGeneration(of: row.id),
            drift: drift, created: row.created, updated: row.updated)
    }

    func facts(_ row: ReleaseRow) throws -> ReleaseFacts {
        ReleaseFacts(
            release: row.release, from: try row.from.map { try backendRow(row: $0).label }, to: try backendRow(row: row.to).label,
            retryOf: try row.retryOf.map { try releaseID(row: $0) }, reason: row.reason, created: row.created, updated: row.updated,
            ended: row.ended, isProtected: try isHeld(release: row.id))
    }

    /// The release and its endpoint, if `who` may do that with it.
    func release(_ id: ReleaseID, for who: Principal, to act: ServingAct) throws -> (row: ReleaseRow, endpoint: EndpointRow) {
        guard let endpoint = try endpointRow(id.endpoint), let row = try releaseRow(id) else { throw HubError.unknownRelease(id) }
        do {
            try require(act, on: endpoint, id.endpoint, for: who)
        } catch let error as HubError where error.code == .unknownServing {
            throw HubError.unknownRelease(id)
        }
        return (row, endpoint)
    }
}

extension ReleaseFacts {
    /// Where it stands, for a refusal: what a client needs to ask again.
    var standing: [String: String] {
        [
            "release": id.description, "etag": "\"\(generation)\"", "generation": "\(generation)", "phase": phase.rawValue,
            "step": "\(release.step)", "pauses": release.pauses.map(\.rawValue).joined(separator: ",")
        ]
    }
}
