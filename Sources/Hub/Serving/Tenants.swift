import Catalog
package import Core
import Hashing
package import Release

extension Hub {
    /// A customer of the gateway and its first API key, which is shown this once.
    package func createTenant(
        _ name: String, mayPin: Bool, requestsPerMinute: Int?, tokensPerDay: Int?, by who: Principal
    ) async throws -> (tenant: TenantFacts, key: String) {
        try who.requireSiteAdmin()
        try Self.check(tenant: name, requestsPerMinute, tokensPerDay)
        let key = newAPIKey()
        let tenant = try await change(by: who) { tx in
            try tx.addTenant(name, mayPin: mayPin, requestsPerMinute: requestsPerMinute, tokensPerDay: tokensPerDay)
            try tx.addTenantKey("first", hash: Digest(of: key), to: name)
            return try tx.rows.tenant(name, at: tx.now)
        }
        tellServingChange()
        return (tenant, key)
    }

    package func changeTenant(
        _ name: String, mayPin: Bool, requestsPerMinute: Int?, tokensPerDay: Int?, by who: Principal
    ) async throws -> TenantFacts {
        try who.requireSiteAdmin()
        try Self.check(tenant: name, requestsPerMinute, tokensPerDay)
        let tenant = try await change(by: who) { tx in
            _ = try tx.rows.tenant(name, at: tx.now)
            try tx.changeTenant(name, mayPin: mayPin, requestsPerMinute: requestsPerMinute, tokensPerDay: tokensPerDay)
            return try tx.rows.tenant(name, at: tx.now)
        }
        tellServingChange()
        return tenant
    }

    /// Another key, so that one can be replaced without an interruption.
    package func addTenantKey(_ name: String, keyName: String, by who: Principal) async throws -> String {
        try who.requireSiteAdmin()
        try Self.check(tenant: keyName, nil, nil)
        let key = newAPIKey()
        try await change(by: who) { tx in
            guard try tx.rows.tenant(name, at: tx.now).keyNames.count < 32 else {
                throw HubError(.tooLarge, "a tenant has at most 32 keys; remove one")
            }
            try tx.addTenantKey(keyName, hash: Digest(of: key), to: name)
        }
        tellServingChange()
        return key
    }

    package func removeTenantKey(_ name: String, keyName: String, by who: Principal) async throws {
        try who.requireSiteAdmin()
        try await change(by: who) { tx in
            guard try tx.rows.hasTenantKey(keyName, of: name) else { throw HubError(.unknownTenant, "the tenant '\(name)' has no key '\(keyName)'") }
            try tx.removeTenantKey(keyName, of: name)
        }
        tellServingChange()
    }

    /// What it used stays in the ledger.
    package func removeTenant(_ name: String, by who: Principal) async throws {
        try who.requireSiteAdmin()
        try await change(by: who) { tx in
            _ = try tx.rows.tenant(name, at: tx.now)
            try tx.removeTenant(name)
        }
        tellServingChange()
    }

    package func listTenants(after: String, limit: Int, for who: Principal) throws -> [TenantFacts] {
        try who.requireSiteAdmin()
        let midnight = clock().midnight
        return try catalog.read { try $0.tenants(after: after, limit: limit, midnight: midnight) }
    }

    /// All of them, for the gateway.
    package func tenants() throws -> [Tenant] {
        let midnight = clock().midnight
        return try catalog.read { try $0.tenants(after: "", limit: .max, midnight: midnight).map(\.tenant) }
    }

    /// Adds to the ledger. Batches are numbered from 1 under each taking of control; the same batch
    /// again changes nothing.
    package func addUsage(_ usage: [Usage], batch: Int64) async throws {
        let epoch = try controlEpoch()
        try await control { tx in _ = try tx.addUsage(usage, epoch: epoch, batch: batch) }
    }

    /// The ledger between two hours, oldest first.
    package func usage(
        tenant: String?, endpoint: EndpointName?, from: Instant, until: Instant, limit: Int, for who: Principal
    ) throws -> [UsageRow] {
        if let endpoint, tenant == nil {
            // Whoever answers for an endpoint may see what it was used for.
            return try catalog.read { rows in
                _ = try rows.endpoint(endpoint, for: who, to: .plan, orDeleted: true)
                return try rows.usage(tenant: nil, endpoint: endpoint.text, from: from, until: until, limit: limit)
            }
        }
        try who.requireSiteAdmin()
        return try catalog.read { try $0.usage(tenant: tenant, endpoint: endpoint?.text, from: from, until: until, limit: limit) }
    }

    private static func check(tenant name: String, _ requests: Int?, _ tokens: Int?) throws(HubError) {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "._-@".utf8.contains($0) }),
            name != "anonymous"
        else {
            throw HubError(
                .invalidName,
                "'\(FilePath.printable(String(name.prefix(80))))' is not a name: 1 to 64 letters, digits, '.', '_', '-' and '@', and not 'anonymous'")
        }
        guard requests ?? 1 > 0, tokens ?? 1 > 0 else { throw HubError(.invalidRequest, "a quota is larger than 0; leave it out for none") }
    }
}

extension Snapshot {
    fileprivate func tenant(_ name: String, at now: Instant) throws -> TenantFacts {
        guard try hasTenant(name), let facts = try tenants(after: "", limit: .max, midnight: now.midnight).first(where: { $0.tenant.name == name })
        else { throw HubError(.unknownTenant, "there is no tenant '\(name)'; 'grayling tenant list' shows them") }
        return facts
    }
}

extension Instant {
    /// The beginning of its day (UTC).
    fileprivate var midnight: Instant { Instant(milliseconds: milliseconds - milliseconds % 86_400_000) }
}
