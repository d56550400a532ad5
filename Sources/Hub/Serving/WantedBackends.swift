import Catalog
package import Core
package import Release

/// A backend that must run, or may rest, and why.
struct WantedBackend {
    let row: BackendRow
    let endpoint: Int64
    /// Set while its release prepares it.
    let preparing: Strategy.Prepare?
}

extension Snapshot {
    /// Every endpoint's stable, the candidates of releases under way, and what is kept for a quick way back.
    func wantedBackends() throws -> [WantedBackend] {
        var wanted: [WantedBackend] = []
        for endpoint in try liveEndpointRows() {
            let active = try unfinishedReleases(of: endpoint.id).first { $0.release.phase != .pending }
            // `recreate` stopped stable to make room; going back starts it again.
            let isCleared = active.map { $0.release.spec.strategy.kind == .recreate && $0.from != nil && $0.release.phase != .rollingBack } ?? false
            if let stable = endpoint.stable, !isCleared || stable == active?.to {
                wanted.append(WantedBackend(row: try backendRow(row: stable), endpoint: endpoint.id, preparing: nil))
            }
            if let active, active.to != endpoint.stable {
                wanted.append(
                    WantedBackend(
                        row: try backendRow(row: active.to), endpoint: endpoint.id,
                        preparing: active.release.phase == .preparing ? active.release.spec.strategy.prepare : nil))
            }
            if let active, active.release.phase == .completing, let from = active.from, from != endpoint.stable {
                // Until it is drained.
                wanted.append(WantedBackend(row: try backendRow(row: from), endpoint: endpoint.id, preparing: nil))
            }
            if active == nil, let kept = try keptBackend(of: endpoint) {
                wanted.append(WantedBackend(row: kept, endpoint: endpoint.id, preparing: nil))
            }
        }
        return wanted
    }

    func order(_ row: BackendRow, preparing: Strategy.Prepare?) throws -> BackendOrder? {
        guard let revision = row.revision else { return nil }
        // A server that somebody else runs brings its own files.
        let files: [PinnedFile] = if case .process = row.spec.runtime.kind { try pinnedFiles(ofRevision: revision) } else { [] }
        return BackendOrder(
            backend: row.backend, spec: row.spec, files: files,
            preparation: preparing.map { BackendOrder.Preparation(warmup: $0.warmup, checks: $0.checks) },
            mayRest: preparing == nil && row.spec.runtime.scaleToZero != nil)
    }
}

extension Hub {
    /// What must run now, to be compared with what does.
    package func wantedBackends() throws -> [BackendOrder] {
        try catalog.read { rows in try rows.wantedBackends().compactMap { try rows.order($0.row, preparing: $0.preparing) } }
    }

    package func backendOrder(_ id: BackendID, preparing: Strategy.Prepare? = nil) throws -> BackendOrder {
        try catalog.read { rows in
            guard let row = try rows.backendRow(id), let order = try rows.order(row, preparing: preparing) else {
                throw HubError(.unknownServing, "there is no backend \(id.short) here, or its revision was collected")
            }
            return order
        }
    }
}
