// Bodies of our HTTP API; see Types.swift for the units.

/// A serving endpoint as it stands.
package struct EndpointInfo: Codable, Hashable, Sendable {
    package var name: String
    package var publicNames: [String]
    /// What it speaks: openai, open-inference or http.
    package var wire: String
    /// Anyone or tenants.
    package var access: String
    /// Owner/name of the model; absent where the repo was deleted.
    package var repo: String?
    package var stable: BackendLabelInfo?
    /// The release that made `stable` what it is.
    package var stableSince: String?
    /// The release under way.
    package var active: String?
    /// Releases that wait for their turn.
    package var pending: [String]
    /// Generation of the route in effect.
    package var route: Int64?
    package var drift: DriftInfo?
    /// What is assigned: session or request.
    package var unit: String
    /// Such as `header:x-session-id`; the first that is present wins.
    package var keys: [String]
    package var objectives: [ObjectiveInfo]
    package var keepReleases: Int
    package var created: String
    package var updated: String
    package var generation: Int64
    /// Send as If-Match.
    package var etag: String

    package init(
        name: String, publicNames: [String], wire: String, access: String, repo: String? = nil, stable: BackendLabelInfo? = nil,
        stableSince: String? = nil, active: String? = nil, pending: [String], route: Int64? = nil, drift: DriftInfo? = nil, unit: String,
        keys: [String], objectives: [ObjectiveInfo], keepReleases: Int, created: String, updated: String, generation: Int64, etag: String
    ) {
        self.name = name
        self.publicNames = publicNames
        self.wire = wire
        self.access = access
        self.repo = repo
        self.stable = stable
        self.stableSince = stableSince
        self.active = active
        self.pending = pending
        self.route = route
        self.drift = drift
        self.unit = unit
        self.keys = keys
        self.objectives = objectives
        self.keepReleases = keepReleases
        self.created = created
        self.updated = updated
        self.generation = generation
        self.etag = etag
    }
}

/// A version that serves or is to serve.
package struct BackendLabelInfo: Codable, Hashable, Sendable {
    /// SHA-256 of model, runtime and arguments, in hexadecimal.
    package var id: String
    /// Owner/name.
    package var model: String
    package var version: String
    package var commit: String
    /// Digest of the revision's canonical manifest.
    package var manifest: String

    package init(id: String, model: String, version: String, commit: String, manifest: String) {
        self.id = id
        self.model = model
        self.version = version
        self.commit = commit
        self.manifest = manifest
    }
}

/// A name that was asked for and leads elsewhere now. Traffic does not follow it by itself.
package struct DriftInfo: Codable, Hashable, Sendable {
    /// Such as `champion`.
    package var asked: String
    /// Commit id.
    package var applied: String
    /// Commit id; absent where the name is gone.
    package var now: String?

    package init(asked: String, applied: String, now: String? = nil) {
        self.asked = asked
        self.applied = applied
        self.now = now
    }
}

package struct ObjectiveInfo: Codable, Hashable, Sendable {
    package var name: String
    /// Requests or paired-shadow.
    package var source: String
    package var bad: String?
    package var slo: Double?
    package var relativeLimit: Double?
    package var compare: String?
    package var mode: String?
    package var scorer: String?
    package var margin: Double?
    package var isReportOnly: Bool

    package init(
        name: String, source: String, bad: String? = nil, slo: Double? = nil, relativeLimit: Double? = nil, compare: String? = nil,
        mode: String? = nil, scorer: String? = nil, margin: Double? = nil, isReportOnly: Bool
    ) {
        self.name = name
        self.source = source
        self.bad = bad
        self.slo = slo
        self.relativeLimit = relativeLimit
        self.compare = compare
        self.mode = mode
        self.scorer = scorer
        self.margin = margin
        self.isReportOnly = isReportOnly
    }
}

/// Where traffic goes.
package struct RouteInfo: Codable, Hashable, Sendable {
    package var endpoint: String
    package var generation: Int64
    package var at: String
    /// The release whose traffic is compared.
    package var release: String?
    /// Such as release, settings or deleted.
    package var cause: String
    package var targets: [RouteTargetInfo]
    package var shadow: RouteShadowInfo?
    package var rules: [RouteRuleInfo]

    package init(
        endpoint: String, generation: Int64, at: String, release: String? = nil, cause: String, targets: [RouteTargetInfo],
        shadow: RouteShadowInfo? = nil, rules: [RouteRuleInfo]
    ) {
        self.endpoint = endpoint
        self.generation = generation
        self.at = at
        self.release = release
        self.cause = cause
        self.targets = targets
        self.shadow = shadow
        self.rules = rules
    }
}

package struct RouteTargetInfo: Codable, Hashable, Sendable {
    /// Stable, candidate or control.
    package var variant: String
    /// Basis points; all together 10,000.
    package var weight: Int
    package var backend: String
    package var version: String
    /// Digest of the model's manifest, as answers name it.
    package var model: String

    package init(variant: String, weight: Int, backend: String, version: String, model: String) {
        self.variant = variant
        self.weight = weight
        self.backend = backend
        self.version = version
        self.model = model
    }
}

package struct RouteShadowInfo: Codable, Hashable, Sendable {
    package var backend: String
    /// Basis points of the requests that stable answers.
    package var ratio: Int

    package init(backend: String, ratio: Int) {
        self.backend = backend
        self.ratio = ratio
    }
}

package struct RouteRuleInfo: Codable, Hashable, Sendable {
    package var key: String
    package var equals: String
    package var variant: String

    package init(key: String, equals: String, variant: String) {
        self.key = key
        self.equals = equals
        self.variant = variant
    }
}

package struct GrantInfo: Codable, Hashable, Sendable {
    package var user: String
    /// Release.plan, release.apply, release.approve, release.force, release.pin or role:NAME.
    package var permission: String

    package init(user: String, permission: String) {
        self.user = user
        self.permission = permission
    }
}

package struct RollbackOrder: Codable, Hashable, Sendable {
    /// A release that succeeded before; absent: the one before the present.
    package var to: String?
    package var reason: String?

    package init(to: String? = nil, reason: String? = nil) {
        self.to = to
        self.reason = reason
    }
}

package struct BackendInfo: Codable, Hashable, Sendable {
    package var id: String
    package var endpoint: String
    package var label: BackendLabelInfo
    /// Process or external.
    package var runtime: String
    package var command: [String]?
    package var urls: [String]?
    package var replicas: Int
    /// Bytes that one replica needs at most; 0: not stated.
    package var memory: Int64
    /// It is an endpoint's stable version or a release's candidate.
    package var isWanted: Bool
    package var created: String

    package init(
        id: String, endpoint: String, label: BackendLabelInfo, runtime: String, command: [String]? = nil, urls: [String]? = nil, replicas: Int,
        memory: Int64, isWanted: Bool, created: String
    ) {
        self.id = id
        self.endpoint = endpoint
        self.label = label
        self.runtime = runtime
        self.command = command
        self.urls = urls
        self.replicas = replicas
        self.memory = memory
        self.isWanted = isWanted
        self.created = created
    }
}

package struct ReplicaInfo: Codable, Hashable, Sendable {
    package var backend: String
    package var endpoint: String
    package var slot: Int
    /// Cold, starting, warming, ready, draining, stopped or failed.
    package var state: String
    package var pid: Int?
    package var address: String?
    package var since: String
    package var restarts: Int
    /// Why it is where it is.
    package var note: String

    package init(
        backend: String, endpoint: String, slot: Int, state: String, pid: Int? = nil, address: String? = nil, since: String, restarts: Int,
        note: String
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

/// Something that splits traffic or runs model servers, and what it can do.
package struct DriverInfo: Codable, Hashable, Sendable {
    package var name: String
    /// Traffic or replicas.
    package var kind: String
    /// The finest share, in basis points.
    package var weightStep: Int?
    package var mirrors: Bool?
    package var comparesAnswers: Bool?
    package var isSticky: Bool?
    package var countsRequests: Bool?

    package init(
        name: String, kind: String, weightStep: Int? = nil, mirrors: Bool? = nil, comparesAnswers: Bool? = nil, isSticky: Bool? = nil,
        countsRequests: Bool? = nil
    ) {
        self.name = name
        self.kind = kind
        self.weightStep = weightStep
        self.mirrors = mirrors
        self.comparesAnswers = comparesAnswers
        self.isSticky = isSticky
        self.countsRequests = countsRequests
    }
}
