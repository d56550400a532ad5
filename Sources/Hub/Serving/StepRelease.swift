import Catalog
import Core
import Hashing
import Release

/// What one event made of a release, before it is committed.
struct SteppedRelease {
    let row: ReleaseRow
    let commands: [Command]
    let isChanged: Bool
}

extension Transaction {
    /// One event, whole or not at all: the reducer's answer, the event in its chain, the decision that
    /// led to it, the new state, and everything that the commands ask for. What changes nothing is not stored.
    func step(_ row: ReleaseRow, _ event: Event, decision: DecisionDraft? = nil) throws -> SteppedRelease {
        let before = row.release
        var release = before
        let commands = release.reduce(event)
        guard release != before || !commands.isEmpty else { return SteppedRelease(row: row, commands: [], isChanged: false) }
        let sequence = try addReleaseEvent(event, to: row, before: before.phase, after: release, commands: commands)
        if let decision { try addDecision(decision, to: row.id, event: sequence) }
        try setState(release, of: row)
        let now = try rows.releaseRow(row: row.id)
        if before.phase == .pending, release.phase != .pending, !release.phase.isTerminal { try begin(now) }
        try carryOut(commands, of: now, sequence: sequence)
        try note(event, before, now)
        if release.phase.isTerminal { try finish(now) }
        return SteppedRelease(row: try rows.releaseRow(row: row.id), commands: commands, isChanged: true)
    }

    /// The endpoint's settings come into force with the release that was planned with them.
    private func begin(_ row: ReleaseRow) throws {
        guard let endpoint = try rows.endpointRow(id: row.endpoint) else { return }
        try stopKept(by: endpoint, unless: row.to)
        guard endpoint.spec != row.endpointSpec else { return }
        try setSpec(row.endpointSpec, of: endpoint.id)
        guard let changed = try rows.endpointRow(id: endpoint.id) else { return }
        try settleNames(of: changed)
        if let stable = changed.stable { try addRoute(of: changed, stable: stable, release: nil, cause: "settings") }
        try record(
            "endpoint.changed", repo: rows.repoName(of: changed), ["endpoint": endpoint.spec.name.text, "release": row.release.spec.id.description])
    }

    /// The log of everything gets a line for each change of phase or step.
    private func note(_ event: Event, _ before: Release, _ row: ReleaseRow) throws {
        let release = row.release
        let verb = release.phase != before.phase ? release.phase.rawValue : release.step != before.step ? "step" : "changed"
        guard let endpoint = try rows.endpointRow(id: row.endpoint) else { return }
        try record(
            "release.\(verb)", repo: rows.repoName(of: endpoint),
            [
                "release": release.spec.id.description, "generation": "\(release.generation)", "step": "\(release.step)",
                "event": event.name, "outcome": release.outcome?.code ?? "", "pauses": release.pauses.map(\.rawValue).joined(separator: ",")
            ])
    }

    /// What an ended release no longer needs is given up.
    private func finish(_ row: ReleaseRow) throws {
        guard let endpoint = try rows.endpointRow(id: row.endpoint) else { return }
        try settleHolds(of: endpoint)
        try settleNames(of: endpoint)
        try forgetSessions(of: row.id)
        try letRest(row, at: endpoint)
    }

    /// A candidate stays up whatever the traffic; as the version that serves it may go to sleep.
    private func letRest(_ row: ReleaseRow, at endpoint: EndpointRow) throws {
        guard row.release.phase == .succeeded, row.to == endpoint.stable else { return }
        let backend = try rows.backendRow(row: row.to)
        guard backend.spec.runtime.scaleToZero != nil else { return }
        try post(
            OutboxPayload(.start, backend: backend.backend), endpoint: endpoint.id, release: row.id, generation: row.release.generation, due: now)
    }

    /// Held are the releases under way or waiting, stable's own, and the last that succeeded with
    /// another lock: so many can be gone back to.
    func settleHolds(of endpoint: EndpointRow) throws {
        var kept = Set(try rows.unfinishedReleases(of: endpoint.id).map(\.id))
        if endpoint.deleted == nil, let stable = try endpoint.stableRelease.map({ try rows.releaseRow(row: $0) }) {
            kept.insert(stable.id)
            var locks: Set<Digest> = [stable.release.spec.lock]
            // A version that was gone back to often takes one place, not all: the window is generous.
            for row in try rows.succeededReleases(of: endpoint.id, before: .max, limit: 20 * endpoint.spec.keepReleases)
            where locks.count <= endpoint.spec.keepReleases && locks.insert(row.release.spec.lock).inserted { kept.insert(row.id) }
        }
        try settleHolds(of: endpoint.id, keeping: kept)
    }
}

extension Snapshot {
    func repoName(of endpoint: EndpointRow) throws -> RepoName? { try endpoint.repo.flatMap { try repo(id: $0)?.name } }
}
