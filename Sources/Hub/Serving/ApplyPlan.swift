import Blobs
import Catalog
package import Core
import Hashing
package import Release

extension Hub {
    /// Carries out a plan, if everything it was based on is still so.
    /// - Parameter idempotencyKey: the same key with the same plan gets the same answer again.
    package func applyPlan(_ hash: Digest, idempotencyKey: String?, by who: Principal) async throws -> Applied {
        let user = try who.requireUser()
        try Self.check(idempotencyKey: idempotencyKey)
        let stored = try catalog.read { try $0.plan(hash) }
        if let stored { try await proveProtected(stored.plan.backend.model, for: who) }
        let probe = probe
        let applied = try await change(by: who) { tx in
            if let again = try tx.answer(to: hash, key: idempotencyKey, user: user.id) { return again }
            guard let (plan, lock, expires) = try tx.rows.plan(hash), expires > tx.now else { throw HubError.unknownPlan(hash) }
            let applied = try tx.apply(plan, lock: lock, by: who)
            probe.reached(.applyInTransaction)
            if let idempotencyKey {
                try tx.storeAnswer(to: hash, key: idempotencyKey, user: user.id, applied)
            }
            return applied
        }
        probe.reached(.applyCommitted)
        if applied.wasMade { tellServingChange() }
        return applied
    }

    static func check(idempotencyKey key: String?) throws(HubError) {
        guard let key else { return }
        guard (1...255).contains(key.utf8.count) else { throw HubError(.invalidRequest, "an Idempotency-Key has 1 to 255 bytes") }
    }

    /// Every byte that a release needs, now and for a way back, is here before it begins. Rows keep
    /// them from then on.
    func proveProtected(_ model: PinnedModel, for who: Principal?) async throws {
        let files = try catalog.read { rows in
            // Whoever may act on the endpoint may go back to what it served, even where the repo was hidden since.
            guard let repo = try who.map({ try rows.repo(model.repo, for: $0) }) ?? rows.repo(model.repo) else {
                throw HubError.unknownRepo(model.repo)
            }
            return try rows.pinnedFiles(ofRevision: rows.revision(.commit(model.commit), of: repo).id)
        }
        let missing = try await blobs.missing(from: files.map(\.digest))
        guard missing.isEmpty else {
            let lost = Set(missing)
            throw HubError(
                .blobsMissing,
                "\(missing.count) of the \(files.count) files of \(model.repo)@\(model.version) are not in the store, such as \(files.first { lost.contains($0.digest) }?.path.text ?? ""); nothing was changed. Publish them again, or restore a backup",
                details: ["blobs.missing": missing.map(\.description).joined(separator: ",")])
        }
    }
}

extension Transaction {
    func apply(_ plan: StoredPlan, lock: [UInt8], by who: Principal) throws -> Applied {
        let facts = plan.facts
        let endpoint = try rows.endpointRow(facts.endpoint)
        if let endpoint {
            try rows.require(.apply, on: endpoint, facts.endpoint, for: who)
        } else {
            _ = try rows.repo(plan.draft.repo, for: who, as: .writer)
        }
        try checkCurrent(plan, endpoint)
        let repo = try rows.repo(plan.draft.repo, for: who)
        let model = plan.backend.model
        let revision = try rows.revision(.commit(model.commit), of: repo)
        let waiting = try endpoint.map { try rows.unfinishedReleases(of: $0.id) } ?? []
        switch facts.kind {
        case .nothing:
            guard let endpoint else { throw HubError.unknownServing(facts.endpoint) }
            return Applied(endpoint: try rows.facts(endpoint), release: nil, wasMade: false)
        case .settings:
            guard let endpoint else { throw HubError.unknownServing(facts.endpoint) }
            guard waiting.isEmpty else { throw HubError.releaseActive(waiting[0]) }
            try setAsked(plan.draft.revision.description, commit: model.commit, repo: repo.id, of: endpoint.id)
            return Applied(endpoint: try changeSettings(of: endpoint, to: plan.draft.endpoint), release: nil, wasMade: true)
        case .release:
            if plan.draft.strategy.whileActive == .reject, let first = waiting.first { throw HubError.releaseActive(first) }
            let id = try endpointForRelease(plan.draft.endpoint, endpoint, repo: repo, asked: plan.draft.revision, commit: model.commit)
            let backend = try addBackend(
                plan.backend, id: facts.to.id, canonical: plan.backend.canonical.bytes, endpoint: id, revision: revision.id)
            let row = try submit(
                NewSubmission(
                    endpoint: id, to: backend, kind: .release, strategy: plan.draft.strategy, endpointSpec: plan.draft.endpoint, lock: lock,
                    revision: revision.id), by: who)
            if plan.draft.strategy.whileActive == .supersede {
                for older in waiting { _ = try step(older, .superseded(by: row.release.spec.id)) }
            }
            guard let made = try rows.endpointRow(id: id) else { throw HubError(.internalError, "the endpoint cannot be read back") }
            return Applied(endpoint: try rows.facts(made), release: try rows.facts(rows.releaseRow(row: row.id)), wasMade: true)
        }
    }

    /// What the plan was based on, and is no longer so, refuses it.
    private func checkCurrent(_ plan: StoredPlan, _ endpoint: EndpointRow?) throws {
        func stale(_ what: String) -> HubError {
            HubError(
                .preconditionFailed, "the plan for \(plan.facts.endpoint) is out of date: \(what); run 'grayling plan' again",
                details: ["generation": "\(endpoint?.generation ?? 0)", "etag": "\"\(endpoint?.generation ?? 0)\""])
        }
        guard (endpoint?.generation ?? 0) == plan.facts.endpointGeneration else { throw stale("the endpoint was changed since") }
        let stable = try endpoint?.stable.map { try rows.backendRow(row: $0).backend }
        guard stable == plan.facts.from?.id else { throw stale("another version serves now") }
        let model = plan.backend.model
        guard let repo = try rows.repo(model.repo), let revision = try rows.revision(.commit(model.commit), in: repo.id),
            revision.manifest == model.manifest
        else { throw stale("the revision \(model.commit.hex.prefix(12)) is gone") }
        let names = try rows.refs(of: revision.id).filter { $0.kind == .version }
        if !names.isEmpty, names.allSatisfy({ $0.withdrawn != nil }) { throw stale("\(model.repo)@\(names[0].name) was withdrawn") }
    }

    private func endpointForRelease(
        _ spec: EndpointSpec, _ endpoint: EndpointRow?, repo: RepoFacts, asked: RevisionSpec, commit: GitID
    ) throws -> Int64 {
        guard let endpoint else {
            let id = try addEndpoint(spec, repo: repo.id, asked: asked.description, commit: commit)
            try record("endpoint.created", repo: repo.name, ["endpoint": spec.name.text])
            return id
        }
        if endpoint.deleted != nil {
            try reviveEndpoint(endpoint.id, spec, repo: repo.id)
            try record("endpoint.created", repo: repo.name, ["endpoint": spec.name.text])
        }
        try reserveNames(of: spec, for: endpoint.id)
        try setAsked(asked.description, commit: commit, repo: repo.id, of: endpoint.id)
        return endpoint.id
    }

    private func changeSettings(of endpoint: EndpointRow, to spec: EndpointSpec) throws -> EndpointFacts {
        try reserveNames(of: spec, for: endpoint.id)
        try setSpec(spec, of: endpoint.id)
        guard let changed = try rows.endpointRow(id: endpoint.id) else { throw HubError.unknownServing(spec.name) }
        try settleNames(of: changed)
        if let stable = changed.stable { try addRoute(of: changed, stable: stable, release: nil, cause: "settings") }
        try settleHolds(of: changed)
        try record("endpoint.changed", repo: rows.repoName(of: changed), ["endpoint": spec.name.text])
        return try rows.facts(changed)
    }
}

extension HubError {
    static func releaseActive(_ row: ReleaseRow) -> HubError {
        HubError(
            .releaseActive,
            "\(row.release.spec.id) is under way or waiting (\(row.release.phase.rawValue)); wait for it, abort it, or set whileActive to queue or supersede",
            details: ["release": row.release.spec.id.description, "phase": row.release.phase.rawValue])
    }
}
