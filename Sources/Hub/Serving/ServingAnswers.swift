import Catalog
import Core
import Release

extension Transaction {
    /// What the same request was answered before; another request under the same key is refused.
    func answer(to request: Digest, key: String?, user: Int64) throws -> Applied? {
        guard let key, let stored = try rows.servingAnswer(user: user, key: key) else { return nil }
        guard stored.request == request else {
            throw HubError(.idempotencyConflict, "the Idempotency-Key was used for another request; use a new key for each")
        }
        guard let endpoint = try rows.endpointRow(id: stored.endpoint) else { throw HubError(.internalError, "an answer without an endpoint") }
        return Applied(
            endpoint: try rows.facts(endpoint), release: try stored.release.map { try rows.facts(rows.releaseRow(row: $0)) }, wasMade: false)
    }

    func storeAnswer(to request: Digest, key: String, user: Int64, _ applied: Applied) throws {
        guard let endpoint = try rows.endpointRow(applied.endpoint.spec.name) else { return }
        try storeServingAnswer(
            user: user, key: key, request: request, endpoint: endpoint.id,
            release: try applied.release.flatMap { try rows.releaseRow($0.id)?.id })
    }
}
