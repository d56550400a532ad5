import Catalog
import Core
import Hashing
import Release

/// A release that is about to be made.
struct NewSubmission {
    var endpoint: Int64
    var to: Int64
    var kind: ReleaseSpec.Kind
    var strategy: Strategy
    var endpointSpec: EndpointSpec
    var lock: [UInt8]
    var revision: Int64
    var retryOf: Int64?
    var reason = ""
    /// The backend runs already and passed its checks before.
    var isWarm = false
}

extension Transaction {
    /// Makes the release, protects what it needs, and hands it its first event.
    func submit(_ new: NewSubmission, by who: Principal) throws -> ReleaseRow {
        let user = try who.requireUser()
        guard let endpoint = try rows.endpointRow(id: new.endpoint) else { throw HubError(.internalError, "a release needs an endpoint") }
        let digest = Digest(of: new.lock)
        try keepServingLock(digest, bytes: new.lock)
        let id = ReleaseID(endpoint: endpoint.spec.name, number: try rows.nextReleaseNumber(of: endpoint.id))
        let spec = ReleaseSpec(
            id: id, kind: new.kind, from: try endpoint.stable.map { try rows.backendRow(row: $0).backend },
            to: try rows.backendRow(row: new.to).backend, lock: digest, strategy: new.strategy, objectives: new.endpointSpec.objectives,
            unit: new.endpointSpec.assignment.unit, submittedBy: who.name)
        let row = try addRelease(
            NewRelease(
                endpoint: endpoint.id, spec: spec, from: endpoint.stable, to: new.to, endpointSpec: new.endpointSpec, retryOf: new.retryOf,
                reason: new.reason))
        try hold(digest, name: "endpoint \(endpoint.spec.name)", bytes: new.lock, revisions: [new.revision], for: row, by: user.id)
        if new.isWarm { try withdrawStops(of: spec.to, endpoint: endpoint.id) }
        try record(
            "release.submitted", repo: rows.repoName(of: endpoint),
            [
                "release": id.description, "kind": new.kind.rawValue, "lock": digest.hex, "backend": spec.to.hex, "reason": new.reason,
                "version": try rows.backendRow(row: new.to).spec.model.version
            ])
        return try step(rows.releaseRow(row: row), .submitted(isWarm: new.isWarm)).row
    }

    /// A release that waited while stable moved starts from what serves now.
    func rebase(_ row: ReleaseRow, on endpoint: EndpointRow) throws -> ReleaseRow {
        guard row.release.phase == .pending, row.from != endpoint.stable else { return row }
        var spec = row.release.spec
        spec.from = try endpoint.stable.map { try rows.backendRow(row: $0).backend }
        var release = Release(spec)
        for event in try rows.releaseEvents(of: row.id, id: spec.id, after: 0, limit: .max) { _ = release.reduce(event.event) }
        try rebase(row, on: spec, from: endpoint.stable, state: release)
        try record("release.rebased", repo: rows.repoName(of: endpoint), ["release": spec.id.description, "from": spec.from?.hex ?? ""])
        return try rows.releaseRow(row: row.id)
    }
}
