import Catalog
package import Core
package import Release

extension Hub {
    /// An address that is told of releases; the secret that deliveries are signed with is shown this once.
    package func createWebhook(
        _ name: String, url: String, secret: String?, by who: Principal
    ) async throws -> (webhook: WebhookFacts, secret: String) {
        try who.requireSiteAdmin()
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "._-".utf8.contains($0) }) else {
            throw HubError(.invalidName, "a webhook's name has 1 to 64 letters, digits, '.', '_' and '-'")
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw HubError(.invalidRequest, "a webhook needs an address that begins with http:// or https://")
        }
        if let secret, !(16...256).contains(secret.utf8.count) { throw HubError(.invalidRequest, "a webhook's secret has 16 to 256 characters") }
        let secret = secret ?? Hex.encode(randomBytes(32))
        let webhook = try await change(by: who) { tx in
            try tx.addWebhook(name, url: url, secret: secret)
            guard let facts = try tx.rows.webhooks().first(where: { $0.name == name }) else { throw HubError.unknownWebhook(name) }
            return facts
        }
        return (webhook, secret)
    }

    package func webhooks(for who: Principal) throws -> [WebhookFacts] {
        try who.requireSiteAdmin()
        return try catalog.read { try $0.webhooks() }
    }

    /// What waits for it is dropped.
    package func deleteWebhook(_ name: String, by who: Principal) async throws {
        try who.requireSiteAdmin()
        try await change(by: who) { tx in
            guard try tx.rows.webhooks().contains(where: { $0.name == name }) else { throw HubError.unknownWebhook(name) }
            try tx.removeWebhook(name)
        }
    }

    /// At most one for each release and webhook: the oldest, where it is due.
    package func dueDeliveries(limit: Int) throws -> [Delivery] {
        let now = clock()
        return try catalog.read { try $0.dueDeliveries(now: now, limit: limit) }
    }

    package func settleDelivery(_ id: Int64) async throws { try await control { try $0.settleDelivery(id) } }

    package func postponeDelivery(_ id: Int64, error: String, until: Instant) async throws {
        try await control { try $0.postponeDelivery(id, error: String(error.prefix(500)), until: until) }
    }

    /// The target has refused it for good, or for too long; the next one's turn comes.
    package func giveUpDelivery(_ id: Int64, error: String) async throws {
        try await control { try $0.giveUpDelivery(id, error: String(error.prefix(500))) }
    }

    /// What users are assigned to sides with: made once, the same after every restart.
    package func servingHashKey() async throws -> (UInt64, UInt64) {
        let fresh = randomBytes(32)
        let kept = try await catalog.write(by: "grayling", at: clock()) { try $0.keepSecret(named: "cohort", fresh: fresh) }
        func number(_ from: Int) -> UInt64 { kept[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return (number(0), number(8))
    }
}

extension HubError {
    static func unknownWebhook(_ name: String) -> HubError {
        HubError(.unknownWebhook, "there is no webhook '\(name)'; 'grayling webhook list' shows them")
    }
}
