import Catalog
import Core
import Hashing
import Release

/// Looks everything up on one view of the catalog, and changes nothing.
struct ServingPlanner {
    let rows: Snapshot
    let draft: ServingDraft
    let machine: ServingMachine
    let needs: [CapabilityNeed]
    let now: Instant
    let who: Principal

    func plan() throws -> (plan: StoredPlan, lock: [UInt8]) {
        let name = draft.endpoint.name
        let endpoint = try existing(name)
        let repo = try rows.repo(draft.repo, for: who, as: endpoint == nil ? .writer : .reader)
        let (revision, version) = try resolve(in: repo)
        try checkNames(endpoint, in: repo)
        let backend = BackendSpec(
            endpoint: name, model: PinnedModel(repo: repo.name, commit: revision.commit, manifest: revision.manifest, version: version),
            runtime: draft.runtime)
        let lock = ServingLock(
            draft: draft, backend: backend, files: try rows.pinnedFiles(ofRevision: revision.id),
            parents: try rows.lineage(of: revision.id, .up, depth: 1, user: nil, seesAll: true).map { ($0.parent.commit, $0.kind) },
            licence: try rows.card(of: repo.id)?.facts.json.flatMap { StoredText.text("license", in: $0) }, serverVersion: machine.version
        ).bytes
        let label = BackendLabel(id: BackendID(Digest(of: backend.canonical.bytes)), model: backend.model)
        let stable = try endpoint?.stable.map { try rows.backendRow(row: $0) }
        let kind = kind(endpoint, stable, label)
        let memory = try MemoryPlanner(rows: rows, machine: machine).plan(draft, from: stable, of: endpoint)
        let course = try kind == .release ? stable.flatMap { try estimates(from: $0, to: label, lock: Digest(of: lock)) } : nil
        let facts = PlanFacts(
            hash: try hash(Digest(of: lock), label, stable, endpoint, kind), endpoint: name, kind: kind, from: stable?.label, to: label,
            lock: Digest(of: lock), lockText: "", changes: try changes(endpoint, stable, backend), memory: memory, needs: needs,
            estimates: course?.metrics ?? [], warnings: try warnings(endpoint, memory) + (course?.warnings ?? []),
            expectedGap: kind == .release && draft.strategy.kind == .recreate && stable != nil ? draft.runtime.readiness.deadline : nil,
            endpointGeneration: endpoint?.generation ?? 0, expires: now)
        return (StoredPlan(draft: draft, backend: backend, facts: facts), lock)
    }

    /// The endpoint of that name. A name that somebody else's deleted endpoint had stays with its history.
    private func existing(_ name: EndpointName) throws -> EndpointRow? {
        guard let row = try rows.endpointRow(name) else { return nil }
        do {
            try rows.require(.plan, on: row, name, for: who)
        } catch let error as HubError where error.code == .unknownServing || row.deleted != nil {
            throw HubError(.endpointExists, "the endpoint name '\(name)' is taken; choose another")
        }
        return row
    }

    private func resolve(in repo: RepoFacts) throws -> (revision: RevisionFacts, version: String) {
        let revision = try rows.revision(draft.revision, of: repo)
        if let digest = draft.digest, digest != revision.manifest {
            throw HubError(
                .digestMismatch,
                "\(repo.name)@\(draft.revision) has the manifest \(revision.manifest), the deploy manifest says \(digest); pin it again, or look who moved the name"
            )
        }
        let names = try rows.refs(of: revision.id).filter { $0.kind == .version }
        if let withdrawn = names.first(where: { $0.withdrawn != nil }), !names.contains(where: { $0.withdrawn == nil }) {
            throw HubError(
                .protected, "\(repo.name)@\(withdrawn.name) was withdrawn (\(withdrawn.withdrawn ?? "")); choose another version to serve",
                details: ["withdrawn": withdrawn.withdrawn ?? ""])
        }
        if case .name(let asked) = draft.revision, names.contains(where: { $0.name == asked }) { return (revision, asked.text) }
        return (revision, names.first { $0.withdrawn == nil }?.name.text ?? String(revision.commit.hex.prefix(12)))
    }

    /// Names that must be there, or must be free, when the release comes to need them.
    private func checkNames(_ endpoint: EndpointRow?, in repo: RepoFacts) throws {
        if let text = draft.strategy.alias, let ref = try rows.ref(try RefName(parsing: text), in: repo.id), ref.kind != .alias {
            throw HubError(
                .refExists, "the alias '\(text)' that is to follow this endpoint is a \(ref.kind.rawValue) of \(repo.name); choose another name")
        }
        let known = Set(try rows.webhooks().map(\.name))
        for notice in draft.strategy.notify where !known.contains(notice.webhook) {
            throw HubError(.unknownWebhook, "there is no webhook '\(notice.webhook)'; make it with 'grayling webhook create' first")
        }
        for name in [draft.endpoint.name.text] + draft.endpoint.publicNames {
            if let owner = try rows.endpointOfPublicName(name), owner != endpoint?.id {
                throw HubError(.endpointExists, "another endpoint answers to the name '\(name)'; choose another public name")
            }
        }
    }

    private func kind(_ endpoint: EndpointRow?, _ stable: BackendRow?, _ label: BackendLabel) -> PlanFacts.Kind {
        guard let endpoint, stable?.backend == label.id else { return .release }
        return endpoint.spec == draft.endpoint ? .nothing : .settings
    }

    private func changes(_ endpoint: EndpointRow?, _ stable: BackendRow?, _ backend: BackendSpec) throws -> [PlanChange] {
        var before: [String: String] = [:]
        if let endpoint, endpoint.deleted == nil { before = try StoredText.fields(of: endpoint.spec) }
        if let stable { before.merge(try Self.fields(of: stable.spec)) { _, new in new } }
        var after = try StoredText.fields(of: draft.endpoint)
        after.merge(try Self.fields(of: backend)) { _, new in new }
        return Set(before.keys).union(after.keys).sorted().compactMap { field in
            switch (before[field], after[field]) {
            case (nil, let new?): PlanChange(kind: .added, field: field, before: nil, after: new)
            case (let old?, nil): PlanChange(kind: .removed, field: field, before: old, after: nil)
            case (let old?, let new?) where old != new: PlanChange(kind: .changed, field: field, before: old, after: new)
            default: nil
            }
        }
    }

    private static func fields(of backend: BackendSpec) throws -> [String: String] {
        var shown = backend
        shown.runtime.environment = shown.runtime.hiddenEnvironment
        var fields: [String: String] = [:]
        for (field, value) in try StoredText.fields(of: shown.model) { fields["model.\(field)"] = value }
        for (field, value) in try StoredText.fields(of: shown.runtime) { fields["runtime.\(field)"] = value }
        return fields
    }

    /// Everything that `apply` would act upon, and what it was based on.
    private func hash(
        _ lock: Digest, _ label: BackendLabel, _ stable: BackendRow?, _ endpoint: EndpointRow?, _ kind: PlanFacts.Kind
    ) throws -> Digest {
        let plan = CanonicalJSON.object([
            "format": .text("grayling plan 1"),
            "lock": .text(lock.description),
            "kind": .text(kind.rawValue),
            "endpoint": .text(try StoredText.encode(draft.endpoint)),
            "strategy": .text(try StoredText.encode(draft.strategy)),
            "to": .text(label.id.hex),
            "stable": .text(stable?.backend.hex ?? ""),
            "generation": .integer(endpoint?.generation ?? 0)
        ])
        return Digest(of: plan.bytes)
    }

    private func warnings(_ endpoint: EndpointRow?, _ memory: MemoryPlan) throws -> [String] {
        var warnings: [String] = []
        if !memory.fits, let available = memory.available {
            warnings.append(
                "the release needs \(memory.peak) bytes of memory at its peak, the machine has \(available) for model servers: it will wait, or use the strategy recreate"
            )
        }
        if memory.available != nil, draft.runtime.memory == 0, case .process = draft.runtime.kind {
            warnings.append("runtime.resources.memory is not said: whether both versions fit is not known")
        }
        if let endpoint, try !rows.unfinishedReleases(of: endpoint.id).isEmpty {
            warnings.append("a release of \(draft.endpoint.name) is under way or waiting; whileActive is \(draft.strategy.whileActive.rawValue)")
        }
        return warnings
    }

    /// What each metric needs until a verdict, at the traffic of the last seven days.
    private func estimates(from stable: BackendRow, to label: BackendLabel, lock: Digest) throws -> Estimates? {
        guard draft.strategy.kind != .recreate else { return nil }
        let name = draft.endpoint.name
        let traffic = try rows.traffic(of: name, since: now.adding(seconds: -7 * 86_400))
        // Whole hours, so that asking again soon gives the same answer.
        let seconds = max(3600, traffic.firstHour.map { now.seconds - now.seconds % 3600 - $0.seconds } ?? 0)
        let spec = ReleaseSpec(
            id: ReleaseID(endpoint: name, number: 1), from: stable.backend, to: label.id, lock: lock, strategy: draft.strategy,
            objectives: draft.endpoint.objectives, unit: draft.endpoint.assignment.unit, submittedBy: who.name)
        var rates: [String: Double] = [:]
        if traffic.requests > 0 { rates["errors"] = Double(traffic.failed) / Double(traffic.requests) }
        return Estimates(spec, perSecond: Double(traffic.requests) / Double(seconds), badRates: rates)
    }
}

extension RuntimeSpec {
    /// Values may be secrets: whether they changed can be seen, what they are cannot.
    var hiddenEnvironment: [String: String] { environment.mapValues { "sha256:" + Digest(of: $0).hex.prefix(12) } }
}
