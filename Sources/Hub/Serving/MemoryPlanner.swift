import Catalog
import Core
import Release

/// The most memory that a release needs at one moment, as far as manifests say.
struct MemoryPlanner {
    let rows: Snapshot
    let machine: ServingMachine

    func plan(_ draft: ServingDraft, from stable: BackendRow?, of endpoint: EndpointRow?) throws -> MemoryPlan {
        let candidate = draft.runtime.peak
        let now = stable?.spec.runtime.peak ?? 0
        var others: Int64 = 0
        for wanted in try rows.wantedBackends() where wanted.endpoint != endpoint?.id { others += wanted.row.spec.runtime.peak }
        let both = draft.strategy.kind == .recreate ? max(now, candidate) : now + candidate
        let peak = both + others
        return MemoryPlan(
            stable: now, candidate: candidate, others: others, peak: peak, available: machine.memory,
            fits: machine.memory.map { peak <= $0 } ?? true)
    }
}

extension RuntimeSpec {
    /// Servers that somebody else runs need nothing here.
    var peak: Int64 {
        guard case .process = kind else { return 0 }
        return memory.multipliedReportingOverflow(by: Int64(replicas)).overflow ? .max / 4 : memory * Int64(replicas)
    }
}
