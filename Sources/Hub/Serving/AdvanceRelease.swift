import Catalog
package import Core
package import Release
import Synchronization

extension Hub {
    /// Becomes the one that carries releases forward. Whoever did before only reads from now on.
    package func takeControl(owner: String) async throws -> Int64 {
        let epoch = try await change(as: "grayling") { tx in
            let epoch = try tx.takeControl(owner: owner)
            try tx.record("controller.taken", ["owner": owner, "epoch": "\(epoch)"])
            return epoch
        }
        serving.memory.withLock { $0.epoch = epoch }
        return epoch
    }

    func controlEpoch() throws(HubError) -> Int64 {
        guard let epoch = serving.memory.withLock({ $0.epoch }) else {
            throw HubError(.notInControl, "this process does not carry releases forward: it has not taken control")
        }
        return epoch
    }

    /// The controller's way: one event, and all that follows from it, in one transaction.
    /// - Parameter decision: what led to the event; stored with it, and only where it changed something.
    package func advance(_ id: ReleaseID, _ event: Event, decision: DecisionDraft? = nil) async throws -> Advance {
        let (epoch, probe) = (try controlEpoch(), probe)
        let advance = try await change(as: "grayling") { tx in
            try tx.requireControl(epoch)
            guard let found = try tx.rows.releaseRow(id), let endpoint = try tx.rows.endpointRow(id: found.endpoint) else {
                throw HubError.unknownRelease(id)
            }
            let row = try tx.rebase(found, on: endpoint)
            // A route that was replaced since tells nothing of the present one.
            if case .routeApplied(let generation) = event, generation < (try tx.rows.routeGeneration(of: endpoint.id) ?? 0) {
                return Advance(facts: try tx.rows.facts(row), commands: [], isChanged: false)
            }
            var event = event
            if row.release.phase == .pending, row.to == endpoint.stable, case .tick = event {
                event = .abort(reason: "\(endpoint.spec.name) serves this version already")
            }
            let stepped = try tx.step(row, event, decision: decision)
            probe.reached(.advanceInTransaction)
            return Advance(facts: try tx.rows.facts(stepped.row), commands: stepped.commands, isChanged: stepped.isChanged)
        }
        probe.reached(.advanceCommitted)
        if advance.isChanged { tellServingChange() }
        return advance
    }

    /// All releases that have not ended, those that wait too, in order of submission.
    package func activeReleases() throws -> [ReleaseFacts] {
        try catalog.read { rows in try rows.unfinishedReleases().map { try rows.facts($0) } }
    }

    /// The routes in effect, of all endpoints.
    package func currentRoutes() throws -> [TrafficRoute] {
        try catalog.read { try $0.currentRoutes().filter { !$0.targets.isEmpty } }
    }

    /// The release that its stored events make of it: equal to the stored state.
    package func replay(_ id: ReleaseID) throws -> Release {
        try catalog.read { rows in
            guard let row = try rows.releaseRow(id) else { throw HubError.unknownRelease(id) }
            return try rows.replayed(row: row.id)
        }
    }
}
