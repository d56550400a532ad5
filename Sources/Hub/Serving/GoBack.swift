import Blobs
import Catalog
package import Core
import Hashing
package import Release
import Synchronization

extension Hub {
    /// Back to a version that succeeded before: a release of its own, from the old lock.
    /// - Parameter to: the release to go back to; nil: the last one whose version is not stable now.
    package func rollback(
        _ name: EndpointName, to: ReleaseID?, reason: String, idempotencyKey: String? = nil, by who: Principal
    ) async throws -> ReleaseFacts {
        let request = Digest(of: "rollback \(name) \(to?.description ?? "") \(reason)")
        let warm = serving.memory.withLock { $0.warm }
        return try await resubmit(
            request, key: idempotencyKey, by: who,
            of: { rows in
                try rows.target(of: name, to: to, for: who).row
            }
        ) { tx in
            let (target, endpoint) = try tx.rows.target(of: name, to: to, for: who)
            var strategy = target.release.spec.strategy
            strategy.kind = .canary
            // Somebody wants the present version gone: it keeps no share.
            strategy.bake.holdback = 0
            let backend = try tx.rows.backendRow(row: target.to)
            return NewSubmission(
                endpoint: endpoint.id, to: target.to, kind: .rollback, strategy: strategy, endpointSpec: endpoint.spec,
                lock: try tx.rows.lockBytes(ofRelease: target), revision: try backend.pinnedRevision(), retryOf: target.id, reason: reason,
                isWarm: warm.contains(backend.backend))
        }
    }

    /// A new release from the same lock, over whatever serves now.
    package func retry(_ id: ReleaseID, idempotencyKey: String? = nil, by who: Principal) async throws -> ReleaseFacts {
        let request = Digest(of: "retry \(id)")
        return try await resubmit(
            request, key: idempotencyKey, by: who,
            of: { rows in
                try rows.release(id, for: who, to: .apply).row
            }
        ) { tx in
            let (row, endpoint) = try tx.rows.release(id, for: who, to: .apply)
            guard endpoint.deleted == nil else { throw HubError.unknownServing(id.endpoint) }
            guard row.release.phase.isTerminal else { throw HubError.releaseActive(row) }
            guard row.to != endpoint.stable else {
                throw HubError(.orderRefused, "\(id.endpoint) serves the version of \(id) already")
            }
            let hasBegun = try tx.rows.releaseEvents(of: row.id, id: id, after: 0, limit: .max).contains { $0.phaseBefore != .pending }
            return NewSubmission(
                endpoint: endpoint.id, to: row.to, kind: row.release.spec.kind, strategy: row.release.spec.strategy,
                endpointSpec: hasBegun ? endpoint.spec : row.endpointSpec, lock: try tx.rows.lockBytes(ofRelease: row),
                revision: try tx.rows.backendRow(row: row.to).pinnedRevision(), retryOf: row.id)
        }
    }

    private func resubmit(
        _ request: Digest, key: String?, by who: Principal, of target: (Snapshot) throws -> ReleaseRow,
        _ make: @escaping @Sendable (Transaction) throws -> NewSubmission
    ) async throws -> ReleaseFacts {
        let user = try who.requireUser()
        try Self.check(idempotencyKey: key)
        let isAnswered = try key.map { key in try catalog.read { try $0.servingAnswer(user: user.id, key: key) != nil } } ?? false
        if !isAnswered {
            try await proveProtected(try catalog.read { try $0.backendRow(row: target($0).to).spec.model }, for: nil)
        }
        let probe = probe
        let applied = try await change(by: who) { tx in
            if let again = try tx.answer(to: request, key: key, user: user.id) { return again }
            let new = try make(tx)
            let waiting = try tx.rows.unfinishedReleases(of: new.endpoint)
            if let first = waiting.first { throw HubError.releaseActive(first) }
            try tx.reserveNames(of: new.endpointSpec, for: new.endpoint)
            let row = try tx.submit(new, by: who)
            probe.reached(.applyInTransaction)
            guard let endpoint = try tx.rows.endpointRow(id: new.endpoint) else { throw HubError(.internalError, "the endpoint is gone") }
            let applied = Applied(endpoint: try tx.rows.facts(endpoint), release: try tx.rows.facts(row), wasMade: true)
            if let key { try tx.storeAnswer(to: request, key: key, user: user.id, applied) }
            return applied
        }
        probe.reached(.applyCommitted)
        if applied.wasMade { tellServingChange() }
        guard let release = applied.release else { throw HubError(.internalError, "the release cannot be read back") }
        return release
    }
}

extension Snapshot {
    /// The succeeded release that a rollback means.
    fileprivate func target(of name: EndpointName, to: ReleaseID?, for who: Principal) throws -> (row: ReleaseRow, endpoint: EndpointRow) {
        let endpoint = try endpoint(name, for: who, to: .apply)
        if let to {
            guard to.endpoint == name, let row = try releaseRow(to) else { throw HubError.unknownRelease(to) }
            guard row.release.phase == .succeeded else {
                throw HubError(.orderRefused, "\(to) is \(row.release.phase.rawValue): only a release that succeeded can be gone back to")
            }
            guard row.to != endpoint.stable else { throw HubError(.orderRefused, "\(name) serves the version of \(to) already") }
            return (row, endpoint)
        }
        var before = Int64.max
        while true {
            let page = try succeededReleases(of: endpoint.id, before: before, limit: 50)
            // A shadow release succeeds without ever having served.
            if let row = page.first(where: { $0.to != endpoint.stable && $0.release.spec.strategy.kind != .shadow }) { return (row, endpoint) }
            guard let last = page.last else {
                throw HubError(.orderRefused, "\(name) has no other version that succeeded before; there is nothing to go back to")
            }
            before = last.release.spec.id.number
        }
    }

    fileprivate func lockBytes(ofRelease row: ReleaseRow) throws -> [UInt8] {
        guard let bytes = try servingLock(row.release.spec.lock) else {
            throw HubError(.storageDamaged, "the lock of \(row.release.spec.id) is gone")
        }
        return bytes
    }
}

extension BackendRow {
    fileprivate func pinnedRevision() throws -> Int64 {
        guard let revision else {
            throw HubError(
                .unknownRevision,
                "\(spec.model.repo)@\(spec.model.version) was collected since: the endpoint keeps its last keepReleases versions only. Publish it again and plan a release"
            )
        }
        return revision
    }
}
