import Catalog
package import Core
import Release

extension Hub {
    /// Takes an endpoint out of service: its route goes, its servers are drained, and what only it
    /// protected is given up. Its history stays.
    package func deleteEndpoint(_ name: EndpointName, expected: GenerationCheck, by who: Principal) async throws {
        try await change(by: who) { tx in
            let endpoint = try tx.rows.endpoint(name, for: who, to: .administer)
            try expected.check(endpoint.generation, of: "the endpoint \(name)")
            if let first = try tx.rows.unfinishedReleases(of: endpoint.id).first { throw HubError.releaseActive(first) }
            let stable = try endpoint.stable.map { try tx.rows.backendRow(row: $0) }
            let kept = try tx.rows.keptBackend(of: endpoint)
            try tx.markDeleted(endpoint: endpoint.id)
            guard let deleted = try tx.rows.endpointRow(id: endpoint.id) else { throw HubError.unknownServing(name) }
            func post(_ payload: OutboxPayload) throws {
                try tx.post(payload, endpoint: endpoint.id, release: nil, generation: deleted.generation, due: tx.now)
            }
            // An empty route in the history says from when on nothing was served.
            let route = TrafficRoute(endpoint: name, generation: (try tx.rows.routeGeneration(of: endpoint.id) ?? 0) + 1, targets: [])
            try tx.addRoute(route, of: endpoint.id, release: nil, cause: "deleted")
            try post(OutboxPayload(.remove))
            if let stable {
                try post(OutboxPayload(.drain, backend: stable.backend, deadline: stable.spec.runtime.drainDeadline))
            }
            if let kept { try post(OutboxPayload(.stop, backend: kept.backend)) }
            try tx.settleHolds(of: deleted)
            try tx.record("endpoint.deleted", repo: tx.rows.repoName(of: endpoint), ["endpoint": name.text])
        }
        tellServingChange()
    }
}
