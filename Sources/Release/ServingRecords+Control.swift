package import Core

// What the hub hands to whoever carries releases forward, and what comes back.

/// What an event made of a release.
package struct Advance: Hashable, Sendable {
    package var facts: ReleaseFacts
    package var commands: [Command]
    /// False: nothing was stored.
    package var isChanged: Bool
    package init(facts: ReleaseFacts, commands: [Command], isChanged: Bool) {
        self.facts = facts
        self.commands = commands
        self.isChanged = isChanged
    }
}

/// Something to be done outside the database. Committed with the change that asks for it; handed
/// out again until it is settled, oldest first, so each is harmless when it is done twice.
package struct OutboxItem: Hashable, Sendable {
    package var id: Int64
    package var endpoint: EndpointName
    /// Nil for a change of settings or the end of an endpoint.
    package var release: ReleaseID?
    /// Of the release, or of the endpoint where there is none.
    package var generation: Int64
    package var work: Work
    package var attempts: Int

    package enum Work: Hashable, Sendable {
        /// When in effect: `routeApplied(generation:)` of that route, if it belongs to a release.
        case route(TrafficRoute)
        case remove(EndpointName)
        /// Start, verify, warm and check the candidate.
        case prepare(BackendOrder)
        /// `recreate`: hold requests, drain and stop stable.
        case clear(BackendID, deadline: Milliseconds)
        /// Start a backend that was checked before: stable after a failed `recreate`.
        case start(BackendOrder)
        /// `drainDone` or `drainDeadline` follows. `keepsRunning`: wait for in-flight zero and stop nothing.
        case drain(BackendID, deadline: Milliseconds, keepsRunning: Bool)
        case stop(BackendID)
    }

    package init(id: Int64, endpoint: EndpointName, release: ReleaseID?, generation: Int64, work: Work, attempts: Int) {
        self.id = id
        self.endpoint = endpoint
        self.release = release
        self.generation = generation
        self.work = work
        self.attempts = attempts
    }
}

package struct WebhookFacts: Hashable, Sendable {
    package var name: String
    package var url: String
    package var created: Instant
    package var by: String
    /// Deliveries that wait.
    package var waiting: Int
    package var lastError: String?
    package init(name: String, url: String, created: Instant, by: String, waiting: Int, lastError: String?) {
        self.name = name
        self.url = url
        self.created = created
        self.by = by
        self.waiting = waiting
        self.lastError = lastError
    }
}

/// One notification to one webhook. The next one of the same release to the same webhook is
/// handed out only when this one is settled or given up.
package struct Delivery: Hashable, Sendable {
    package var id: Int64
    package var webhook: String
    package var url: String
    /// What the body is signed with (HMAC-SHA256).
    package var secret: String
    package var release: ReleaseID
    /// A CloudEvents 1.0 event in JSON; the same bytes at every attempt.
    package var body: String
    package var attempts: Int
    package init(id: Int64, webhook: String, url: String, secret: String, release: ReleaseID, body: String, attempts: Int) {
        self.id = id
        self.webhook = webhook
        self.url = url
        self.secret = secret
        self.release = release
        self.body = body
        self.attempts = attempts
    }
}

/// One hour of a tenant's use of one version.
package struct UsageRow: Hashable, Sendable {
    package var usage: Usage
    /// The beginning of the hour (UTC).
    package var hour: Instant
    package init(usage: Usage, hour: Instant) {
        self.usage = usage
        self.hour = hour
    }
}

package struct TenantFacts: Hashable, Sendable {
    package var tenant: Tenant
    package var created: Instant
    package var keyNames: [String]
    package init(tenant: Tenant, created: Instant, keyNames: [String]) {
        self.tenant = tenant
        self.created = created
        self.keyNames = keyNames
    }
}

/// Which version served at some time, and everything that led to it.
package struct WhyFacts: Hashable, Sendable {
    package var endpoint: EndpointName
    package var at: Instant
    /// In effect then; nil: nothing was served yet, or the endpoint was gone.
    package var route: RouteFacts?
    /// Who served then, the largest share first.
    package var served: [Served]
    /// What was under way then.
    package var underWay: ReleaseFacts?

    package struct Served: Hashable, Sendable {
        package var variant: Variant
        package var weight: Int
        package var backend: BackendLabel
        /// The release that brought it in.
        package var since: ReleaseFacts?
        package var decisions: [DecisionFacts]
        package var approvals: [ApprovalFacts]
        /// The commit that was published: author, message, time; nil where it was collected since.
        package var published: RevisionFacts?
        package var lineage: [LineageStep]
        package init(
            variant: Variant, weight: Int, backend: BackendLabel, since: ReleaseFacts?, decisions: [DecisionFacts], approvals: [ApprovalFacts],
            published: RevisionFacts?, lineage: [LineageStep]
        ) {
            self.variant = variant
            self.weight = weight
            self.backend = backend
            self.since = since
            self.decisions = decisions
            self.approvals = approvals
            self.published = published
            self.lineage = lineage
        }
    }

    package init(endpoint: EndpointName, at: Instant, route: RouteFacts?, served: [Served], underWay: ReleaseFacts?) {
        self.endpoint = endpoint
        self.at = at
        self.route = route
        self.served = served
        self.underWay = underWay
    }
}
