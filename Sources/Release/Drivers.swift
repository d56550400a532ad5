package import Core

/// Something that splits traffic: our gateway, later a cluster's router.
package protocol TrafficDriver: Sendable {
    var capabilities: TrafficCapabilities { get }
    /// Puts the route into effect; when this returns, no new request sees an older one. An older
    /// generation than the one in effect, and the same again, change nothing.
    func apply(_ route: TrafficRoute) async throws
    func remove(_ endpoint: EndpointName) async throws
    /// Which replicas serve a backend now; an empty list: cold.
    func setReplicas(_ replicas: [ReplicaAddress], of backend: BackendID) async
}

package struct TrafficCapabilities: Hashable, Sendable, Codable {
    /// The finest share, in basis points.
    package var weightStep: Int
    package var mirrors: Bool
    package var comparesAnswers: Bool
    package var isSticky: Bool
    package var countsRequests: Bool
    package init(weightStep: Int, mirrors: Bool, comparesAnswers: Bool, isSticky: Bool, countsRequests: Bool) {
        self.weightStep = weightStep
        self.mirrors = mirrors
        self.comparesAnswers = comparesAnswers
        self.isSticky = isSticky
        self.countsRequests = countsRequests
    }
}

/// Something that runs model servers: local processes, later a cluster. Reports come in order
/// through the handler that it was made with.
package protocol ReplicaDriver: Sendable {
    /// Sees to it that the backend's replicas run; where `order.preparation` is set, also that it
    /// is verified, warmed and checked, and reports `prepared` or `failed`. Returns at once.
    func start(_ order: BackendOrder) async
    /// No new requests; stopped when idle or at the deadline. Reports `drained`.
    func drain(_ backend: BackendID, deadline: Milliseconds) async
    /// Ends its processes now (SIGTERM, then SIGKILL), and keeps none of its files.
    func stop(_ backend: BackendID) async
    /// A request waits for a backend that is scaled to zero.
    func wake(_ backend: BackendID)
    func replicas() async -> [ReplicaFacts]
}

/// Everything a driver must know to run a backend.
package struct BackendOrder: Sendable, Hashable {
    package var backend: BackendID
    package var spec: BackendSpec
    package var files: [PinnedFile]
    /// Warm-up and checks before it may take traffic; nil: it passed them before.
    package var preparation: Preparation?
    /// It may be cold until a request comes (scale to zero).
    package var mayRest: Bool

    package struct Preparation: Sendable, Hashable {
        package var warmup: Int
        package var checks: [GoldenCheck]
        package init(warmup: Int, checks: [GoldenCheck]) {
            self.warmup = warmup
            self.checks = checks
        }
    }

    package init(backend: BackendID, spec: BackendSpec, files: [PinnedFile], preparation: Preparation? = nil, mayRest: Bool = false) {
        self.backend = backend
        self.spec = spec
        self.files = files
        self.preparation = preparation
        self.mayRest = mayRest
    }
}

package struct PinnedFile: Sendable, Hashable {
    package var path: FilePath
    package var size: Int64
    package var digest: Digest
    package var isExecutable: Bool
    package init(path: FilePath, size: Int64, digest: Digest, isExecutable: Bool = false) {
        self.path = path
        self.size = size
        self.digest = digest
        self.isExecutable = isExecutable
    }
}

package struct ReplicaFacts: Sendable, Hashable {
    package var backend: BackendID
    package var endpoint: EndpointName
    package var slot: Int
    package var state: State
    package var pid: Int?
    package var address: ReplicaAddress?
    package var since: Instant
    package var restarts: Int
    /// Why it is where it is, for people.
    package var note: String

    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case cold, starting, warming, ready, draining, stopped, failed
    }
    package init(
        backend: BackendID, endpoint: EndpointName, slot: Int, state: State, pid: Int? = nil, address: ReplicaAddress? = nil, since: Instant,
        restarts: Int = 0, note: String = ""
    ) {
        self.backend = backend
        self.endpoint = endpoint
        self.slot = slot
        self.state = state
        self.pid = pid
        self.address = address
        self.since = since
        self.restarts = restarts
        self.note = note
    }
}

/// What a replica driver has to say.
package enum ReplicaReport: Sendable, Hashable {
    /// The replicas that may take requests now, draining ones marked; empty: cold or down.
    case serving(BackendID, [ReplicaAddress])
    case ready(BackendID)
    case warmed(BackendID)
    case checked(BackendID)
    case failed(BackendID, PrepareFailure, String)
    /// No ready replica for longer than the grace.
    case unhealthy(BackendID, String)
    /// In-flight is zero, or the deadline came first.
    case drained(BackendID, atDeadline: Bool)

    package enum PrepareFailure: String, Sendable, Hashable {
        case digestMismatch, startFailed, outOfMemory, readyDeadline, warmupFailed, goldenFailed
    }
}
