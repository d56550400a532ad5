/// One randomly assigned request, as the statistics need it. Pinned and rule-matched traffic
/// never becomes one.
package struct Observation: Hashable, Sendable {
    /// A hash of the assignment key, the same for all requests of one session; drawn where there is no key.
    package var key: UInt64
    /// False where the request had no key: it is a unit of its own.
    package var hasKey: Bool
    /// What the request was assigned to, whatever served it in the end.
    package var variant: Variant
    /// The candidate's probability at the assignment, in basis points of the whole.
    package var candidateWeight: Int
    /// Bit j: objective j of the route was measured.
    package var known: UInt32
    /// Bit j: and was bad.
    package var bad: UInt32
    /// Bit j: may enter the comparison of objective j (an `equal-load` objective only then).
    package var comparable: UInt32
    /// Milliseconds of the gateway's steady clock at the end of the request.
    package var at: Milliseconds
    /// How long before its end it was assigned: a slower side's requests are missing for a while, not lost.
    package var took: Milliseconds

    package init(
        key: UInt64, hasKey: Bool = true, variant: Variant, candidateWeight: Int, known: UInt32, bad: UInt32, comparable: UInt32 = .max,
        at: Milliseconds, took: Milliseconds = 0
    ) {
        self.key = key
        self.hasKey = hasKey
        self.variant = variant
        self.candidateWeight = candidateWeight
        self.known = known
        self.bad = bad
        self.comparable = comparable
        self.at = at
        self.took = took
    }
}

/// Two answers to one request, each scored from 0 to 1.
package struct PairedScore: Hashable, Sendable {
    /// Number of the objective in the route.
    package var objective: Int
    package var stable: Double
    package var candidate: Double
    package var at: Milliseconds
    package init(objective: Int, stable: Double, candidate: Double, at: Milliseconds) {
        self.objective = objective
        self.stable = stable
        self.candidate = candidate
        self.at = at
    }
}

/// One answer of a shadowed candidate: it counts for the absolute part of a gate only.
package struct ShadowOutcome: Hashable, Sendable {
    package var known: UInt32
    package var bad: UInt32
    package var at: Milliseconds
    package init(known: UInt32, bad: UInt32, at: Milliseconds) {
        self.known = known
        self.bad = bad
        self.at = at
    }
}

/// What the gateway saw on one endpoint since it was asked last.
package struct TrafficReport: Sendable {
    package var endpoint: EndpointName
    /// The release that the observations belong to.
    package var release: ReleaseID?
    /// The generation in effect now.
    package var generation: Int64
    package var observations: [Observation]
    package var pairs: [PairedScore]
    package var shadows: [ShadowOutcome]
    /// Observations that no longer fitted into the bounded buffer.
    package var lost: Int

    package init(
        endpoint: EndpointName, release: ReleaseID?, generation: Int64, observations: [Observation] = [], pairs: [PairedScore] = [],
        shadows: [ShadowOutcome] = [], lost: Int = 0
    ) {
        self.endpoint = endpoint
        self.release = release
        self.generation = generation
        self.observations = observations
        self.pairs = pairs
        self.shadows = shadows
        self.lost = lost
    }
}

/// What a tenant used of an endpoint since it was asked last: requests, tokens, seconds.
package struct Usage: Hashable, Sendable {
    package var tenant: String
    package var endpoint: EndpointName
    package var version: String
    package var requests: Int64
    package var failed: Int64
    package var inputTokens: Int64
    package var outputTokens: Int64
    /// Time that replicas worked on it.
    package var milliseconds: Int64
    package var bytesOut: Int64

    package init(
        tenant: String, endpoint: EndpointName, version: String, requests: Int64 = 0, failed: Int64 = 0, inputTokens: Int64 = 0,
        outputTokens: Int64 = 0, milliseconds: Int64 = 0, bytesOut: Int64 = 0
    ) {
        self.tenant = tenant
        self.endpoint = endpoint
        self.version = version
        self.requests = requests
        self.failed = failed
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.milliseconds = milliseconds
        self.bytesOut = bytesOut
    }
}

/// A customer of the gateway, known by an API key.
package struct Tenant: Hashable, Sendable {
    package var name: String
    /// SHA-256 of each of its API keys.
    package var keys: [Digest]
    package var mayPin: Bool
    /// Wins over the endpoint's own quota.
    package var requestsPerMinute: Int?
    package var tokensPerDay: Int?
    /// Tokens already used today (UTC), so that a restart does not give the quota anew.
    package var tokensToday: Int64

    package init(
        name: String, keys: [Digest], mayPin: Bool = false, requestsPerMinute: Int? = nil, tokensPerDay: Int? = nil, tokensToday: Int64 = 0
    ) {
        self.name = name
        self.keys = keys
        self.mayPin = mayPin
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
        self.tokensToday = tokensToday
    }
}

/// A replica as the gateway needs it.
package struct ReplicaAddress: Hashable, Sendable {
    package var slot: Int
    package var host: String
    package var port: Int
    /// What is put before every path, such as `/v1` of an external server; empty: nothing.
    package var basePath: String
    /// Takes no new requests.
    package var isDraining: Bool
    package init(slot: Int, host: String, port: Int, basePath: String = "", isDraining: Bool = false) {
        self.slot = slot
        self.host = host
        self.port = port
        self.basePath = basePath
        self.isDraining = isDraining
    }
}
