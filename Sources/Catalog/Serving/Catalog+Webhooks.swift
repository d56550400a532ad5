package import Core
import Foundation
import GRDB
package import Release

extension Transaction {
    package func addWebhook(_ name: String, url: String, secret: String) throws {
        try refusing(.webhookExists, "there is a webhook '\(name)' already; delete it first, or choose another name") {
            try db.run(
                "INSERT INTO webhook (name, url, secret, created_at, created_by) VALUES (?, ?, ?, ?, ?)", [name, url, secret, now.column, actor])
        }
        try record("webhook.created", ["webhook": name, "url": url])
    }

    package func removeWebhook(_ name: String) throws {
        try db.run("DELETE FROM webhook WHERE name = ?", [name])
        try record("webhook.deleted", ["webhook": name])
    }

    /// A webhook that does not exist gets nothing: it was deleted since the release began.
    package func addDelivery(to webhook: String, release: Int64, sequence: Int64, part: Int, body: String) throws {
        try db.run(
            """
            INSERT INTO delivery (webhook, release, sequence, part, body, due, attempts, created_at)
            SELECT id, ?2, ?3, ?4, ?5, ?6, 0, ?6 FROM webhook WHERE name = ?1
            """, [webhook, release, sequence, part, body, now.column])
    }

    package func settleDelivery(_ id: Int64) throws {
        try db.run("UPDATE webhook SET last_error = NULL WHERE last_error IS NOT NULL AND id = (SELECT webhook FROM delivery WHERE id = ?)", [id])
        try db.run("DELETE FROM delivery WHERE id = ?", [id])
    }

    package func postponeDelivery(_ id: Int64, error: String, until: Instant) throws {
        try db.run("UPDATE webhook SET last_error = ? WHERE id = (SELECT webhook FROM delivery WHERE id = ?)", [error, id])
        try db.run("UPDATE delivery SET attempts = attempts + 1, due = ? WHERE id = ?", [until.column, id])
    }

    package func giveUpDelivery(_ id: Int64, error: String) throws {
        try db.run("UPDATE webhook SET last_error = ? WHERE id = (SELECT webhook FROM delivery WHERE id = ?)", [error, id])
        try db.run("DELETE FROM delivery WHERE id = ?", [id])
    }
}

extension Snapshot {
    package func webhooks() throws -> [WebhookFacts] {
        try db.all(
            """
            SELECT w.name, w.url, w.created_at, w.created_by, (SELECT count(*) FROM delivery d WHERE d.webhook = w.id), w.last_error
            FROM webhook w ORDER BY w.name
            """
        ).map { WebhookFacts(name: $0[0], url: $0[1], created: Instant(column: $0[2]), by: $0[3], waiting: $0[4], lastError: $0[5]) }
    }

    /// The first that waits for each webhook and release, where it is due.
    package func dueDeliveries(now: Instant, limit: Int) throws -> [Delivery] {
        try db.all(
            """
            SELECT d.id, w.name, w.url, w.secret, d.release, d.body, d.attempts FROM delivery d JOIN webhook w ON w.id = d.webhook
            WHERE d.due <= ?1 AND NOT EXISTS (
              SELECT 1 FROM delivery p WHERE p.webhook = d.webhook AND p.release = d.release AND p.id < d.id)
            ORDER BY d.due, d.id LIMIT ?2
            """, [now.column, limit]
        ).map {
            Delivery(
                id: $0[0], webhook: $0[1], url: $0[2], secret: $0[3], release: try releaseID(row: $0[4]), body: $0[5], attempts: $0[6])
        }
    }
}
