import Catalog
package import Core
package import Release

extension Hub {
    /// What is due, oldest first.
    package func outbox(limit: Int) throws -> [OutboxItem] {
        let now = clock()
        return try catalog.read { rows in
            try rows.dueOutbox(now: now, limit: limit).map { try rows.item($0) }
        }
    }

    /// Done: it is not handed out again.
    package func settle(_ ids: [Int64]) async throws {
        guard !ids.isEmpty else { return }
        try await control { try $0.settleOutbox(ids) }
    }

    /// Not done: it is handed out again at that time, and what comes after it for the same endpoint waits.
    package func postpone(_ id: Int64, error: String, until: Instant) async throws {
        try await control { try $0.postponeOutbox(id, error: String(error.prefix(1000)), until: until) }
    }

    /// A write of the controller's that changes no name, file or right.
    func control<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        let epoch = try controlEpoch()
        return try await catalog.write(by: "grayling", at: clock()) { tx in
            try tx.requireControl(epoch)
            return try body(tx)
        }
    }
}

extension Snapshot {
    fileprivate func item(_ row: OutboxRow) throws -> OutboxItem {
        guard let endpoint = try endpointRow(id: row.endpoint)?.spec.name else { throw HubError(.storageDamaged, "work without an endpoint") }
        return OutboxItem(
            id: row.id, endpoint: endpoint, release: try row.release.map { try releaseID(row: $0) }, generation: row.generation,
            work: try work(row, endpoint), attempts: row.attempts)
    }

    private func work(_ row: OutboxRow, _ endpoint: EndpointName) throws -> OutboxItem.Work {
        let payload = row.payload
        if case .route = payload.kind, let route = payload.route { return .route(route) }
        guard let id = payload.backend, let backend = try backendRow(id) else { return .remove(endpoint) }
        switch payload.kind {
        case .route, .remove: return .remove(endpoint)
        case .prepare:
            let strategy = try row.release.map { try releaseRow(row: $0).release.spec.strategy }
            // Its release ended, and its revision is gone: there is nothing to start.
            guard let order = try order(backend, preparing: strategy?.prepare) else { return .stop(id) }
            return .prepare(order)
        case .start:
            guard let order = try order(backend, preparing: nil) else { return .stop(id) }
            return .start(order)
        case .clear: return .clear(id, deadline: payload.deadline ?? 0)
        case .drain: return .drain(id, deadline: payload.deadline ?? 0, keepsRunning: payload.keepsRunning ?? false)
        case .stop: return .stop(id)
        }
    }
}
