package import Core
import Foundation
import GRDB
package import Release

extension Transaction {
    package func addTenant(_ name: String, mayPin: Bool, requestsPerMinute: Int?, tokensPerDay: Int?) throws {
        try refusing(.tenantExists, "there is a tenant '\(name)' already; choose another name") {
            try db.run(
                "INSERT INTO tenant (name, may_pin, requests_per_minute, tokens_per_day, created_at) VALUES (?, ?, ?, ?, ?)",
                [name, mayPin, requestsPerMinute, tokensPerDay, now.column])
        }
        try record("tenant.created", ["tenant": name])
    }

    package func changeTenant(_ name: String, mayPin: Bool, requestsPerMinute: Int?, tokensPerDay: Int?) throws {
        try db.run(
            "UPDATE tenant SET may_pin = ?, requests_per_minute = ?, tokens_per_day = ? WHERE name = ?",
            [mayPin, requestsPerMinute, tokensPerDay, name])
        try record("tenant.changed", ["tenant": name])
    }

    package func removeTenant(_ name: String) throws {
        try db.run("DELETE FROM tenant WHERE name = ?", [name])
        try record("tenant.deleted", ["tenant": name])
    }

    package func addTenantKey(_ key: String, hash: Digest, to tenant: String) throws {
        try refusing(.tenantExists, "the tenant '\(tenant)' has a key '\(key)' already; choose another name") {
            try db.run(
                "INSERT INTO tenant_key (hash, tenant, name, created_at) SELECT ?, id, ?, ? FROM tenant WHERE name = ?",
                [hash.column, key, now.column, tenant])
        }
        try record("tenant.key-created", ["tenant": tenant, "key": key])
    }

    package func removeTenantKey(_ key: String, of tenant: String) throws {
        try db.run("DELETE FROM tenant_key WHERE name = ? AND tenant = (SELECT id FROM tenant WHERE name = ?)", [key, tenant])
        try record("tenant.key-deleted", ["tenant": tenant, "key": key])
    }

    /// Adds a batch to the ledger, once: false where it was added before.
    package func addUsage(_ usage: [Usage], epoch: Int64, batch: Int64) throws -> Bool {
        let last: Int64 = try db.one("SELECT batch FROM usage_batch WHERE epoch = ?", [epoch])?[0] ?? 0
        guard batch > last else { return false }
        try db.run(
            "INSERT INTO usage_batch (epoch, batch) VALUES (?, ?) ON CONFLICT (epoch) DO UPDATE SET batch = excluded.batch", [epoch, batch])
        try db.run("DELETE FROM usage_batch WHERE epoch < ?", [epoch])
        let hour = now.milliseconds - now.milliseconds % 3_600_000
        for row in usage {
            try db.run(
                """
                INSERT INTO usage (tenant, endpoint, version, hour, requests, failed, input_tokens, output_tokens, milliseconds, bytes_out)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, endpoint, version, hour) DO UPDATE SET requests = usage.requests + excluded.requests,
                  failed = usage.failed + excluded.failed, input_tokens = usage.input_tokens + excluded.input_tokens,
                  output_tokens = usage.output_tokens + excluded.output_tokens, milliseconds = usage.milliseconds + excluded.milliseconds,
                  bytes_out = usage.bytes_out + excluded.bytes_out
                """,
                [
                    row.tenant, row.endpoint.text, row.version, hour, row.requests, row.failed, row.inputTokens, row.outputTokens,
                    row.milliseconds, row.bytesOut
                ])
        }
        return true
    }
}

extension Snapshot {
    /// By name, behind `after`; tokens used since `midnight` with each.
    package func tenants(after: String, limit: Int, midnight: Instant) throws -> [TenantFacts] {
        try db.all(
            """
            SELECT t.id, t.name, t.may_pin, t.requests_per_minute, t.tokens_per_day, t.created_at,
              (SELECT coalesce(sum(u.input_tokens + u.output_tokens), 0) FROM usage u WHERE u.tenant = t.name AND u.hour >= ?3)
            FROM tenant t WHERE t.name > ?1 ORDER BY t.name LIMIT ?2
            """, [after, limit, midnight.column]
        ).map { row in
            let keys = try db.all("SELECT hash, name FROM tenant_key WHERE tenant = ? ORDER BY created_at, name", [row[0] as Int64])
            return TenantFacts(
                tenant: Tenant(
                    name: row[1], keys: keys.map { Digest(column: $0[0]) }, mayPin: row[2], requestsPerMinute: row[3], tokensPerDay: row[4],
                    tokensToday: row[6]),
                created: Instant(column: row[5]), keyNames: keys.map { $0[1] })
        }
    }

    package func hasTenant(_ name: String) throws -> Bool { try db.one("SELECT 1 FROM tenant WHERE name = ?", [name]) != nil }

    package func hasTenantKey(_ key: String, of tenant: String) throws -> Bool {
        try db.one("SELECT 1 FROM tenant_key k JOIN tenant t ON t.id = k.tenant WHERE t.name = ? AND k.name = ?", [tenant, key]) != nil
    }

    /// Oldest hour first.
    package func usage(tenant: String?, endpoint: String?, from: Instant, until: Instant, limit: Int) throws -> [UsageRow] {
        try db.all(
            """
            SELECT tenant, endpoint, version, hour, requests, failed, input_tokens, output_tokens, milliseconds, bytes_out FROM usage
            WHERE hour >= ?1 AND hour < ?2 AND (?3 IS NULL OR tenant = ?3) AND (?4 IS NULL OR endpoint = ?4)
            ORDER BY hour, tenant, endpoint, version LIMIT ?5
            """, [from.column, until.column, tenant, endpoint, limit]
        ).map { row in
            UsageRow(
                usage: Usage(
                    tenant: row[0], endpoint: try EndpointName(parsing: row[1] as String), version: row[2], requests: row[4], failed: row[5],
                    inputTokens: row[6], outputTokens: row[7], milliseconds: row[8], bytesOut: row[9]),
                hour: Instant(column: row[3]))
        }
    }

    /// Requests of an endpoint since then, how many failed, and the first hour that had any.
    package func traffic(of endpoint: EndpointName, since: Instant) throws -> (requests: Int64, failed: Int64, firstHour: Instant?) {
        let row = try db.one(
            "SELECT coalesce(sum(requests), 0), coalesce(sum(failed), 0), min(hour) FROM usage WHERE endpoint = ? AND hour >= ?",
            [endpoint.text, since.column])
        return (row?[0] ?? 0, row?[1] ?? 0, (row?[2] as Int64?).map(Instant.init(column:)))
    }
}
