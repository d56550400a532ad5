// Bodies of our HTTP API; see Types.swift for the units.

package struct NewTenant: Codable, Hashable, Sendable {
    package var name: String
    /// May choose the side of a release by header (default false).
    package var mayPin: Bool?
    /// Wins over the endpoint's own quota; absent: none of its own.
    package var requestsPerMinute: Int?
    package var tokensPerDay: Int?

    package init(name: String, mayPin: Bool? = nil, requestsPerMinute: Int? = nil, tokensPerDay: Int? = nil) {
        self.name = name
        self.mayPin = mayPin
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
    }
}

/// The whole of what can be changed: what is absent is no quota of its own.
package struct TenantChange: Codable, Hashable, Sendable {
    package var mayPin: Bool
    package var requestsPerMinute: Int?
    package var tokensPerDay: Int?

    package init(mayPin: Bool, requestsPerMinute: Int? = nil, tokensPerDay: Int? = nil) {
        self.mayPin = mayPin
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
    }
}

/// A customer of the gateway.
package struct TenantInfo: Codable, Hashable, Sendable {
    package var name: String
    package var mayPin: Bool
    package var requestsPerMinute: Int?
    package var tokensPerDay: Int?
    /// Used since midnight (UTC).
    package var tokensToday: Int64
    /// Names of its API keys.
    package var keys: [String]
    package var created: String

    package init(
        name: String, mayPin: Bool, requestsPerMinute: Int? = nil, tokensPerDay: Int? = nil, tokensToday: Int64, keys: [String], created: String
    ) {
        self.name = name
        self.mayPin = mayPin
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
        self.tokensToday = tokensToday
        self.keys = keys
        self.created = created
    }
}

package struct CreatedTenant: Codable, Hashable, Sendable {
    /// Its first API key, shown this once; only its hash is stored.
    package var key: String
    package var tenant: TenantInfo

    package init(key: String, tenant: TenantInfo) {
        self.key = key
        self.tenant = tenant
    }
}

package struct NewTenantKey: Codable, Hashable, Sendable {
    package var name: String

    package init(name: String) {
        self.name = name
    }
}

package struct CreatedTenantKey: Codable, Hashable, Sendable {
    package var name: String
    /// Shown this once.
    package var key: String

    package init(name: String, key: String) {
        self.name = name
        self.key = key
    }
}

/// One hour of a tenant's use of one version.
package struct UsageInfo: Codable, Hashable, Sendable {
    package var tenant: String
    package var endpoint: String
    package var version: String
    /// Its beginning.
    package var hour: String
    package var requests: Int64
    package var failed: Int64
    package var inputTokens: Int64
    package var outputTokens: Int64
    /// Time that replicas worked on it.
    package var milliseconds: Int64
    package var bytesOut: Int64

    package init(
        tenant: String, endpoint: String, version: String, hour: String, requests: Int64, failed: Int64, inputTokens: Int64, outputTokens: Int64,
        milliseconds: Int64, bytesOut: Int64
    ) {
        self.tenant = tenant
        self.endpoint = endpoint
        self.version = version
        self.hour = hour
        self.requests = requests
        self.failed = failed
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.milliseconds = milliseconds
        self.bytesOut = bytesOut
    }
}

package struct NewWebhook: Codable, Hashable, Sendable {
    package var name: String
    package var url: String
    /// What bodies are signed with (HMAC-SHA256); absent: one is made.
    package var secret: String?

    package init(name: String, url: String, secret: String? = nil) {
        self.name = name
        self.url = url
        self.secret = secret
    }
}

package struct CreatedWebhook: Codable, Hashable, Sendable {
    /// Shown this once.
    package var secret: String
    package var webhook: WebhookInfo

    package init(secret: String, webhook: WebhookInfo) {
        self.secret = secret
        self.webhook = webhook
    }
}

package struct WebhookInfo: Codable, Hashable, Sendable {
    package var name: String
    package var url: String
    /// Deliveries that are still to be made.
    package var waiting: Int
    package var lastError: String?
    package var by: String
    package var created: String

    package init(name: String, url: String, waiting: Int, lastError: String? = nil, by: String, created: String) {
        self.name = name
        self.url = url
        self.waiting = waiting
        self.lastError = lastError
        self.by = by
        self.created = created
    }
}
