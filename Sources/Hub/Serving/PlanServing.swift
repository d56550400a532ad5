import Blobs
import Catalog
package import Core
import Hashing
package import Release

extension Hub {
    /// How long a plan can be applied: an hour.
    package static let planSeconds: Int64 = 3600

    /// What applying a manifest would do. Names are resolved here, once; the same manifest over the
    /// same state gives the same lock, the same lines and the same hash.
    package func plan(
        _ draft: ServingDraft, capabilities: TrafficCapabilities = .embedded, by who: Principal
    ) async throws -> PlanFacts {
        let user = try who.requireUser()
        try draft.check()
        var draft = draft
        if let golden = draft.strategy.prepare.golden { draft.strategy.prepare.checks += try await goldenChecks(golden, for: who) }
        let needs = draft.needs(of: capabilities)
        let unmet = needs.filter { !$0.isMet }
        guard unmet.isEmpty else {
            throw HubError(
                .notCapable, "this traffic driver cannot do what the manifest asks: \(unmet.map(\.name).joined(separator: "; "))",
                details: ["needs": unmet.map(\.name).joined(separator: "; ")])
        }
        let complete = draft
        let (now, machine) = (clock(), servingMachine)
        let (plan, lock) = try catalog.read { rows in
            try ServingPlanner(rows: rows, draft: complete, machine: machine, needs: needs, now: now, who: who).plan()
        }
        let until = now.adding(seconds: Self.planSeconds)
        try await change(by: who) { tx in try tx.storePlan(plan, lock: lock, by: user.id, until: until) }
        var facts = plan.facts
        facts.lockText = String(decoding: lock, as: UTF8.self)
        facts.expires = until
        return facts
    }

    /// A plan made before.
    package func plan(_ hash: Digest, for who: Principal) throws -> PlanFacts {
        _ = try who.requireUser()
        let now = clock()
        return try catalog.read { rows in
            guard let (plan, lock, expires) = try rows.plan(hash), expires > now,
                (try? rows.repo(plan.draft.repo, for: who)) != nil
            else { throw HubError.unknownPlan(hash) }
            var facts = plan.facts
            facts.lockText = String(decoding: lock, as: UTF8.self)
            return facts
        }
    }

    private func goldenChecks(_ digest: Digest, for who: Principal) async throws -> [GoldenCheck] {
        _ = try sizeOfReadable(digest, for: who)
        return try GoldenFile.checks(in: try await blobs.bytes(of: digest, limit: GoldenFile.longest))
    }
}

extension ServingDraft {
    /// What the traffic driver must be able to do for this.
    fileprivate func needs(of driver: TrafficCapabilities) -> [CapabilityNeed] {
        var needs: [CapabilityNeed] = []
        let weights = strategy.steps.map(\.weight) + [strategy.bake.holdback]
        needs.append(
            CapabilityNeed(
                name: "shares of the traffic in steps of \(weights.filter { $0 > 0 }.min() ?? 1) basis points",
                isMet: weights.allSatisfy { driver.weightStep > 0 && $0 % driver.weightStep == 0 }))
        if strategy.kind == .shadow || strategy.steps.contains(where: { $0.shadow > 0 }) {
            needs.append(CapabilityNeed(name: "shadow traffic", isMet: driver.mirrors))
        }
        if endpoint.objectives.contains(where: { $0.source == .pairedShadow }) {
            needs.append(CapabilityNeed(name: "comparing the answers of shadow traffic", isMet: driver.comparesAnswers))
        }
        if endpoint.assignment.unit == .session || !endpoint.assignment.keys.isEmpty {
            needs.append(CapabilityNeed(name: "assignment by a key of the request", isMet: driver.isSticky))
        }
        needs.append(CapabilityNeed(name: "counts of good and bad requests", isMet: driver.countsRequests))
        return needs
    }
}

extension HubError {
    static func unknownPlan(_ hash: Digest) -> HubError {
        HubError(.unknownPlan, "there is no plan \(hash) here, or it is older than an hour, or was used up; run 'grayling plan' again")
    }
}
