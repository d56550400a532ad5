package import API
package import Core

extension Session {
    /// What applying a manifest would do, as the server's bytes. Nothing changes by it.
    package func plan(_ manifest: [UInt8], endpoint: EndpointName?) async throws -> [UInt8] {
        var request = request(.makePlan, [], query: endpoint.map { [("endpoint", $0.text)] } ?? [])
        request.body = [.bytes(manifest)]
        request.headers.append(("Content-Type", "application/yaml"))
        return try await answer(request).body
    }

    /// Carries a plan out. `key` makes a repetition after a lost answer harmless.
    package func apply(_ plan: Digest, key: String) async throws -> AppliedInfo {
        try await call(.createRelease, body: NewRelease(planHash: plan.description), headers: [("Idempotency-Key", key)])
    }
}
