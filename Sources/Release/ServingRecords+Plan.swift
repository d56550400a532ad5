package import Core

/// What a manifest asks for, before anything is looked up.
package struct ServingDraft: Hashable, Sendable, Codable {
    package var endpoint: EndpointSpec
    package var repo: RepoName
    /// A version, alias, branch or commit; resolved once, by `plan`.
    package var revision: RevisionSpec
    /// The manifest digest that the revision must turn out to have, where given.
    package var digest: Digest?
    package var runtime: RuntimeSpec
    package var strategy: Strategy
    /// Of the bytes of the file that says all this.
    package var manifest: Digest

    package init(
        endpoint: EndpointSpec, repo: RepoName, revision: RevisionSpec, digest: Digest? = nil, runtime: RuntimeSpec, strategy: Strategy,
        manifest: Digest
    ) {
        self.endpoint = endpoint
        self.repo = repo
        self.revision = revision
        self.digest = digest
        self.runtime = runtime
        self.strategy = strategy
        self.manifest = manifest
    }
}

/// What applying would do. The same draft over the same state gives the same hash.
package struct PlanFacts: Hashable, Sendable, Codable {
    /// SHA-256 over the lock, the spec, the strategy, and what they were based on.
    package var hash: Digest
    package var endpoint: EndpointName
    package var kind: Kind
    package var from: BackendLabel?
    package var to: BackendLabel
    package var lock: Digest
    /// The lock's canonical JSON.
    package var lockText: String
    package var changes: [PlanChange]
    package var memory: MemoryPlan
    package var needs: [CapabilityNeed]
    package var estimates: [PlanEstimate]
    package var warnings: [String]
    /// How long nothing is served, at most (`recreate`).
    package var expectedGap: Milliseconds?
    /// Of the endpoint that it was made for; 0: there was none.
    package var endpointGeneration: Int64
    /// Other plans of its endpoint do not outlive an apply; this one ends then at the latest.
    package var expires: Instant

    package enum Kind: String, Hashable, Sendable, Codable {
        /// Another backend: a release.
        case release
        /// The endpoint's settings alone: in effect at once.
        case settings
        case nothing
    }

    package init(
        hash: Digest, endpoint: EndpointName, kind: Kind, from: BackendLabel?, to: BackendLabel, lock: Digest, lockText: String,
        changes: [PlanChange], memory: MemoryPlan, needs: [CapabilityNeed], estimates: [PlanEstimate], warnings: [String],
        expectedGap: Milliseconds?, endpointGeneration: Int64, expires: Instant
    ) {
        self.hash = hash
        self.endpoint = endpoint
        self.kind = kind
        self.from = from
        self.to = to
        self.lock = lock
        self.lockText = lockText
        self.changes = changes
        self.memory = memory
        self.needs = needs
        self.estimates = estimates
        self.warnings = warnings
        self.expectedGap = expectedGap
        self.endpointGeneration = endpointGeneration
        self.expires = expires
    }
}

/// One line of a diff.
package struct PlanChange: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable { case added, changed, removed }
    package var kind: Kind
    /// Such as `model.version` or `limits.queueSize`.
    package var field: String
    package var before: String?
    package var after: String?
    package init(kind: Kind, field: String, before: String?, after: String?) {
        self.kind = kind
        self.field = field
        self.before = before
        self.after = after
    }
}

/// Bytes, as far as the manifests say; 0 where they say nothing.
package struct MemoryPlan: Hashable, Sendable, Codable {
    package var stable: Int64
    package var candidate: Int64
    /// Other endpoints' backends that are wanted now.
    package var others: Int64
    /// The most that is needed at one moment of the release.
    package var peak: Int64
    /// What the machine has for model servers; nil: not known.
    package var available: Int64?
    package var fits: Bool
    package init(stable: Int64, candidate: Int64, others: Int64, peak: Int64, available: Int64?, fits: Bool) {
        self.stable = stable
        self.candidate = candidate
        self.others = others
        self.peak = peak
        self.available = available
        self.fits = fits
    }
}

/// Something that the draft asks of the traffic driver, and whether it can.
package struct CapabilityNeed: Hashable, Sendable, Codable {
    package var name: String
    package var isMet: Bool
    package init(name: String, isMet: Bool) {
        self.name = name
        self.isMet = isMet
    }
}

/// What one metric needs at the traffic of the last seven days.
package struct PlanEstimate: Hashable, Sendable, Codable {
    package var metric: String
    /// Randomised requests until a verdict, if the candidate is as good as stable.
    package var requests: Int64?
    package var time: Milliseconds?
    package init(metric: String, requests: Int64?, time: Milliseconds?) {
        self.metric = metric
        self.requests = requests
        self.time = time
    }
}

/// What model servers may use of the machine.
package struct ServingMachine: Hashable, Sendable {
    /// Bytes; nil: not known, nothing is checked.
    package var memory: Int64?
    /// Of this program; locks say which one resolved them.
    package var version: String
    package init(memory: Int64?, version: String = "") {
        self.memory = memory
        self.version = version
    }
}

extension TrafficCapabilities {
    /// What our own gateway can do.
    package static let embedded = TrafficCapabilities(weightStep: 1, mirrors: true, comparesAnswers: true, isSticky: true, countsRequests: true)
}

/// What applying a plan led to.
package struct Applied: Hashable, Sendable {
    package var endpoint: EndpointFacts
    /// Nil where settings alone changed, or nothing.
    package var release: ReleaseFacts?
    /// False for a repeated request, and where nothing changed.
    package var wasMade: Bool
    package init(endpoint: EndpointFacts, release: ReleaseFacts?, wasMade: Bool) {
        self.endpoint = endpoint
        self.release = release
        self.wasMade = wasMade
    }
}

/// What a person tells a release to do.
package enum OperatorOrder: Hashable, Sendable {
    case pause(reason: String)
    case resume(reason: String)
    /// The generation and lock that the approver saw; nil: those that `If-Match` names, else the
    /// present ones.
    case approve(generation: Int64?, lock: Digest?, comment: String)
    case reject(reason: String)
    /// Against missing evidence, never against shown harm.
    case promote(reason: String)
    case abort(reason: String)

    package var name: String {
        switch self {
        case .pause: "pause"
        case .resume: "resume"
        case .approve: "approve"
        case .reject: "reject"
        case .promote: "promote"
        case .abort: "abort"
        }
    }
}

/// What somebody may do with an endpoint besides what their role in the model's repo allows.
package enum EndpointPermission: Hashable, Sendable, CustomStringConvertible {
    case plan, apply, approve, force, pin
    /// A role of users' own making that a step's approval asks for.
    case role(String)

    package init(parsing text: String) throws(HubError) {
        switch text {
        case "release.plan": self = .plan
        case "release.apply": self = .apply
        case "release.approve": self = .approve
        case "release.force": self = .force
        case "release.pin": self = .pin
        default:
            guard text.hasPrefix("role:"), (6...69).contains(text.utf8.count),
                text.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x3A })
            else {
                throw HubError(
                    .invalidRequest,
                    "'\(FilePath.printable(String(text.prefix(80))))' is not a permission: expected release.plan, release.apply, release.approve, release.force, release.pin or role:NAME"
                )
            }
            self = .role(String(text.dropFirst(5)))
        }
    }
    package var description: String {
        switch self {
        case .plan: "release.plan"
        case .apply: "release.apply"
        case .approve: "release.approve"
        case .force: "release.force"
        case .pin: "release.pin"
        case .role(let name): "role:\(name)"
        }
    }
}

package struct EndpointGrant: Hashable, Sendable {
    package var user: String
    package var permission: EndpointPermission
    package init(user: String, permission: EndpointPermission) {
        self.user = user
        self.permission = permission
    }
}
