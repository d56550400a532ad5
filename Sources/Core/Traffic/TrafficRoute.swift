/// Where an endpoint's traffic goes, as one immutable value: the gateway swaps it atomically and
/// a request reads it once. Weights are basis points (0.01 %) and add up to 10,000.
package struct TrafficRoute: Hashable, Sendable, Codable {
    package var endpoint: EndpointName
    /// Strictly increasing for each endpoint; named in every answer.
    package var generation: Int64
    /// Names that requests use in their `model` field; the endpoint's own name is always one.
    package var publicNames: [String]
    package var wire: ServingWire
    /// The release whose traffic is being compared; nil when nothing is.
    package var release: ReleaseID?
    /// What assignment is hashed with besides the key: the release's name, so that the same
    /// users are not first every time.
    package var salt: String
    package var assignment: AssignmentPolicy
    package var rules: [MatchRule]
    package var targets: [RouteTarget]
    package var shadow: ShadowRule?
    package var limits: TrafficLimits
    /// In the order in which observations number them.
    package var objectives: [Objective]
    package var access: EndpointAccess
    /// Emergency: ignore weights while stable has no ready replica; nothing is compared then.
    package var servesAnyReady: Bool
    /// Where a request whose candidate attempt failed before its first byte may go next.
    package var retriesOnStable: Bool

    package init(
        endpoint: EndpointName, generation: Int64, publicNames: [String] = [], wire: ServingWire = .http, release: ReleaseID? = nil,
        salt: String = "", assignment: AssignmentPolicy = AssignmentPolicy(), rules: [MatchRule] = [], targets: [RouteTarget],
        shadow: ShadowRule? = nil, limits: TrafficLimits = TrafficLimits(), objectives: [Objective] = [],
        access: EndpointAccess = .anyone, servesAnyReady: Bool = false, retriesOnStable: Bool = false
    ) {
        self.endpoint = endpoint
        self.generation = generation
        self.publicNames = publicNames
        self.wire = wire
        self.release = release
        self.salt = salt
        self.assignment = assignment
        self.rules = rules
        self.targets = targets
        self.shadow = shadow
        self.limits = limits
        self.objectives = objectives
        self.access = access
        self.servesAnyReady = servesAnyReady
        self.retriesOnStable = retriesOnStable
    }

    package func target(_ variant: Variant) -> RouteTarget? { targets.first { $0.variant == variant } }
    package static let whole = 10_000
}

/// What an endpoint speaks: it decides how usage, tokens and finish reasons are read.
package enum ServingWire: String, Hashable, Sendable, Codable, CaseIterable {
    case openai
    case openInference = "open-inference"
    case http
}

package enum EndpointAccess: String, Hashable, Sendable, Codable, CaseIterable {
    /// Requests without an API key belong to the tenant `anonymous`.
    case anyone
    /// Only API keys of tenants.
    case tenants
}

/// One side of a route.
package struct RouteTarget: Hashable, Sendable, Codable {
    package var variant: Variant
    package var backend: BackendID
    package var weight: Int
    /// What answers name: the version as people write it, and the model's manifest digest.
    package var version: String
    package var model: Digest
    /// The replica slots that serve it; nil: all of the backend's.
    package var slots: [Int]?

    package init(variant: Variant, backend: BackendID, weight: Int, version: String, model: Digest, slots: [Int]? = nil) {
        self.variant = variant
        self.backend = backend
        self.weight = weight
        self.version = version
        self.model = model
        self.slots = slots
    }
}

/// Which part of a request says whose it is, and how pinned requests are recognised.
package struct AssignmentPolicy: Hashable, Sendable, Codable {
    /// The first that is present wins; none: each request is drawn by itself.
    package var keys: [AssignmentKey]
    package var unit: Unit
    /// A header whose value (`stable`, `candidate`, `control`) chooses the side; such traffic is
    /// served and metered, never compared. Only for tenants that may pin.
    package var pinHeader: String?

    package enum Unit: String, Hashable, Sendable, Codable, CaseIterable { case session, request }

    package init(keys: [AssignmentKey] = [], unit: Unit = .request, pinHeader: String? = nil) {
        self.keys = keys
        self.unit = unit
        self.pinHeader = pinHeader
    }
}

/// `header:x-session-id`, `cookie:sid`, `body:user` (a top-level text field of a JSON body) or `tenant`.
package enum AssignmentKey: Hashable, Sendable, TextCoded {
    case header(String)
    case cookie(String)
    case body(String)
    case tenant

    package init(parsing text: String) throws(HubError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count == 2 ? parts[1] : nil) {
        case ("tenant", nil): self = .tenant
        case ("header", let name?) where HeaderName.isValid(name): self = .header(name.lowercased())
        case ("cookie", let name?) where HeaderName.isValid(name): self = .cookie(name)
        case ("body", let name?) where !name.isEmpty && name.utf8.count <= 128: self = .body(name)
        default:
            throw HubError(
                .invalidRequest,
                "'\(FilePath.printable(String(text.prefix(80))))' is not an assignment key: expected header:NAME, cookie:NAME, body:FIELD or tenant")
        }
    }
    package var description: String {
        switch self {
        case .header(let name): "header:\(name)"
        case .cookie(let name): "cookie:\(name)"
        case .body(let name): "body:\(name)"
        case .tenant: "tenant"
        }
    }
}

/// Requests that carry this go to that side, whatever the weights; never compared.
package struct MatchRule: Hashable, Sendable, Codable {
    package var key: AssignmentKey
    package var equals: String
    package var variant: Variant
    package init(key: AssignmentKey, equals: String, variant: Variant) {
        self.key = key
        self.equals = equals
        self.variant = variant
    }
}

/// A share of requests whose body is also sent to another backend; its answer is compared, never sent.
package struct ShadowRule: Hashable, Sendable, Codable {
    package var backend: BackendID
    /// Basis points of the requests that stable answers.
    package var ratio: Int
    /// Larger bodies are skipped, and counted.
    package var bodyLimit: Int
    package init(backend: BackendID, ratio: Int, bodyLimit: Int = 1 << 20) {
        self.backend = backend
        self.ratio = ratio
        self.bodyLimit = bodyLimit
    }
}

package struct TrafficLimits: Hashable, Sendable, Codable {
    package var maxInFlightPerReplica: Int
    /// Requests that may wait for a free replica, and for a cold backend.
    package var queueSize: Int
    package var queueTimeout: Milliseconds
    /// From the head sent upstream to the first byte of the answer.
    package var firstByteTimeout: Milliseconds
    /// The longest an answer may take altogether.
    package var streamTimeout: Milliseconds
    /// Without a byte in either direction.
    package var idleTimeout: Milliseconds
    package var requestsPerMinute: Int?
    package var tokensPerDay: Int?

    package init(
        maxInFlightPerReplica: Int = 64, queueSize: Int = 256, queueTimeout: Milliseconds = 30_000, firstByteTimeout: Milliseconds = 300_000,
        streamTimeout: Milliseconds = 1_800_000, idleTimeout: Milliseconds = 120_000, requestsPerMinute: Int? = nil, tokensPerDay: Int? = nil
    ) {
        self.maxInFlightPerReplica = maxInFlightPerReplica
        self.queueSize = queueSize
        self.queueTimeout = queueTimeout
        self.firstByteTimeout = firstByteTimeout
        self.streamTimeout = streamTimeout
        self.idleTimeout = idleTimeout
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
    }
}

/// A span of time in whole milliseconds.
package typealias Milliseconds = Int64

package enum HeaderName {
    /// A token of RFC 9110 section 5.6.2.
    package static func isValid(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }
}
