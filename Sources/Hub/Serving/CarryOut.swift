import Catalog
import Core
import Release

extension Transaction {
    /// Commands as rows, in their order: what can be done inside the database is done, the rest is
    /// asked for in the outbox.
    func carryOut(_ commands: [Command], of row: ReleaseRow, sequence: Int64) throws {
        for (part, command) in commands.enumerated() {
            // `moveStable` changes it for what follows.
            guard let endpoint = try rows.endpointRow(id: row.endpoint) else { throw HubError(.internalError, "a release without an endpoint") }
            let spec = row.release.spec
            func post(_ payload: OutboxPayload) throws {
                try self.post(payload, endpoint: endpoint.id, release: row.id, generation: row.release.generation, due: now)
            }
            switch command {
            case .prepareCandidate:
                try withdrawStops(of: spec.to, endpoint: endpoint.id)
                try post(OutboxPayload(.prepare, backend: spec.to))
            case .route:
                try addRoute(of: endpoint, stable: endpoint.stable, release: row, cause: "release")
            case .clearStable:
                guard let from = spec.from else { continue }
                try post(OutboxPayload(.clear, backend: from, deadline: try drainDeadline(of: from)))
            case .restoreStable:
                guard let from = spec.from else { continue }
                try withdrawStops(of: from, endpoint: endpoint.id)
                try post(OutboxPayload(.start, backend: from))
            case .moveStable: try moveStable(of: endpoint, by: row)
            case .drain(let side):
                guard let backend = side == .candidate ? spec.to : spec.from else { continue }
                try post(OutboxPayload(.drain, backend: backend, deadline: try drainDeadline(of: backend)))
            case .stop(let side):
                guard let backend = side == .candidate ? spec.to : spec.from else { continue }
                // The endpoint may serve it all the same: a queued release of what became stable meanwhile.
                if try rows.backendRow(backend)?.id == endpoint.stable { continue }
                try post(OutboxPayload(.stop, backend: backend))
            case .releaseBlobs: break
            case .notify(let notice): try notify(notice, of: row, endpoint: endpoint, sequence: sequence, part: part)
            }
        }
    }

    /// The endpoint's next route, and the wish that it be in effect.
    func addRoute(of endpoint: EndpointRow, stable: Int64?, release row: ReleaseRow?, cause: String) throws {
        let route = TrafficRoute.render(
            endpoint.spec, release: row?.release, stable: try stable.map { try rows.backendRow(row: $0).served },
            candidate: try row.map { try rows.backendRow(row: $0.to).served }, generation: (try rows.routeGeneration(of: endpoint.id) ?? 0) + 1)
        try addRoute(route, of: endpoint.id, release: row?.id, cause: cause)
        try post(
            OutboxPayload(.route, route: route), endpoint: endpoint.id, release: row?.id,
            generation: row?.release.generation ?? endpoint.generation, due: now)
    }

    /// Once in the life of a release, with everything else that its event changes.
    private func moveStable(of endpoint: EndpointRow, by row: ReleaseRow) throws {
        try setStable(row.to, since: row.id, of: endpoint.id)
        let (from, to) = (try endpoint.stable.map { try rows.backendRow(row: $0) }, try rows.backendRow(row: row.to))
        try record(
            "endpoint.moved", repo: rows.repoName(of: endpoint),
            [
                "endpoint": endpoint.spec.name.text, "release": row.release.spec.id.description, "from": from?.spec.model.version ?? "",
                "to": to.spec.model.version, "commit": to.spec.model.commit.hex, "backend": to.backend.hex
            ])
        if let alias = row.release.spec.strategy.alias { try moveAlias(alias, to: to, by: row) }
    }

    /// Traffic has moved already: an alias that cannot follow is told of, and stops nothing.
    private func moveAlias(_ text: String, to backend: BackendRow, by row: ReleaseRow) throws {
        let name = try RefName(parsing: text)
        guard let id = backend.revision, let revision = try rows.revision(id: id), let repo = try rows.repo(backend.spec.model.repo) else { return }
        let known = try rows.ref(name, in: repo.id)
        switch known?.kind {
        case nil: try addRef(name, .alias, to: revision, in: repo)
        case .alias: if let known, known.revision != revision.id { try moveRef(known, to: revision, in: repo) }
        case .branch, .version:
            try record("alias.not-moved", repo: repo.name, ["name": text, "release": row.release.spec.id.description, "reason": "the name is taken"])
        }
    }

    private func drainDeadline(of backend: BackendID) throws -> Milliseconds {
        try rows.backendRow(backend)?.spec.runtime.drainDeadline ?? 0
    }

    /// What a release before left running, for a quick way back, makes room.
    func stopKept(by endpoint: EndpointRow, unless next: Int64?) throws {
        guard let kept = try rows.keptBackend(of: endpoint), kept.id != next else { return }
        try post(
            OutboxPayload(.stop, backend: kept.backend), endpoint: endpoint.id, release: nil, generation: endpoint.generation, due: now)
    }
}

extension Snapshot {
    /// The version before stable, where its release let it run on.
    func keptBackend(of endpoint: EndpointRow) throws -> BackendRow? {
        guard let release = try endpoint.stableRelease.map({ try releaseRow(row: $0) }), release.release.spec.strategy.keepsPrevious,
            release.release.phase == .succeeded, let from = release.from, from != endpoint.stable
        else { return nil }
        return try backendRow(row: from)
    }
}
