package import Core

// What the hub knows of endpoints and releases, as values. What is stored as a whole is Codable.

/// An endpoint as it stands.
package struct EndpointFacts: Hashable, Sendable {
    package var spec: EndpointSpec
    /// Of the model it serves, or is to serve first; who may read that repo sees the endpoint. Nil
    /// where the repo was deleted.
    package var repo: RepoName?
    /// What `If-Match` compares; grows with every change of `spec` and of `stable`.
    package var generation: Int64
    package var stable: BackendLabel?
    /// The release that made `stable` what it is.
    package var stableSince: ReleaseID?
    /// The release that is under way, if any; pending ones do not count.
    package var active: ReleaseID?
    package var pending: [ReleaseID]
    /// The generation of the route in effect; nil before the first.
    package var route: Int64?
    /// An alias or branch that was asked for and leads elsewhere now. Never acted upon.
    package var drift: Drift?
    package var created: Instant
    package var updated: Instant

    package struct Drift: Hashable, Sendable {
        /// What the manifest said, such as `champion`.
        package var asked: String
        package var applied: GitID
        /// Nil where the name is gone.
        package var now: GitID?
        package init(asked: String, applied: GitID, now: GitID?) {
            self.asked = asked
            self.applied = applied
            self.now = now
        }
    }

    package init(
        spec: EndpointSpec, repo: RepoName?, generation: Int64, stable: BackendLabel? = nil, stableSince: ReleaseID? = nil,
        active: ReleaseID? = nil, pending: [ReleaseID] = [], route: Int64? = nil, drift: Drift? = nil, created: Instant, updated: Instant
    ) {
        self.spec = spec
        self.repo = repo
        self.generation = generation
        self.stable = stable
        self.stableSince = stableSince
        self.active = active
        self.pending = pending
        self.route = route
        self.drift = drift
        self.created = created
        self.updated = updated
    }
}

/// A backend as people read it.
package struct BackendLabel: Hashable, Sendable, Codable {
    package var id: BackendID
    package var model: PinnedModel
    package init(id: BackendID, model: PinnedModel) {
        self.id = id
        self.model = model
    }
}

package struct BackendFacts: Hashable, Sendable {
    package var id: BackendID
    package var spec: BackendSpec
    package var created: Instant
    /// It is some endpoint's stable, or the candidate of a release under way.
    package var isWanted: Bool
    package init(id: BackendID, spec: BackendSpec, created: Instant, isWanted: Bool) {
        self.id = id
        self.spec = spec
        self.created = created
        self.isWanted = isWanted
    }
}

/// A release as it stands; its `generation` is the ETag.
package struct ReleaseFacts: Hashable, Sendable {
    package var release: Release
    package var from: BackendLabel?
    package var to: BackendLabel
    /// The one whose lock it carries out again.
    package var retryOf: ReleaseID?
    /// Why somebody wanted it: the reason of a rollback.
    package var reason: String
    package var created: Instant
    package var updated: Instant
    package var ended: Instant?
    /// Its lock is registered: everything it names can be neither deleted nor collected.
    package var isProtected: Bool

    package init(
        release: Release, from: BackendLabel?, to: BackendLabel, retryOf: ReleaseID? = nil, reason: String = "", created: Instant,
        updated: Instant, ended: Instant? = nil, isProtected: Bool
    ) {
        self.release = release
        self.from = from
        self.to = to
        self.retryOf = retryOf
        self.reason = reason
        self.created = created
        self.updated = updated
        self.ended = ended
        self.isProtected = isProtected
    }

    package var id: ReleaseID { release.spec.id }
    package var generation: Int64 { release.generation }
    package var phase: Release.Phase { release.phase }
}

/// One stored event of a release.
package struct ReleaseEventFacts: Hashable, Sendable {
    package var release: ReleaseID
    /// From 1, without gaps.
    package var sequence: Int64
    package var at: Instant
    package var actor: String
    package var event: Event
    package var phaseBefore: Release.Phase
    package var phase: Release.Phase
    package var step: Int
    /// Of the release, after it.
    package var generation: Int64
    package var commands: [Command]
    /// Of this row, over the hash of the row before.
    package var hash: Digest

    package init(
        release: ReleaseID, sequence: Int64, at: Instant, actor: String, event: Event, phaseBefore: Release.Phase, phase: Release.Phase,
        step: Int, generation: Int64, commands: [Command], hash: Digest
    ) {
        self.release = release
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.event = event
        self.phaseBefore = phaseBefore
        self.phase = phase
        self.step = step
        self.generation = generation
        self.commands = commands
        self.hash = hash
    }
}

/// What was decided, by which rule, from which numbers. Never changed.
package struct DecisionFacts: Hashable, Sendable {
    package var release: ReleaseID
    package var sequence: Int64
    /// The event it led to; 0 where none followed.
    package var event: Int64
    package var draft: DecisionDraft
    package var inputsDigest: Digest
    package var actor: String
    package var at: Instant
    package init(release: ReleaseID, sequence: Int64, event: Int64, draft: DecisionDraft, inputsDigest: Digest, actor: String, at: Instant) {
        self.release = release
        self.sequence = sequence
        self.event = event
        self.draft = draft
        self.inputsDigest = inputsDigest
        self.actor = actor
        self.at = at
    }
}

package struct DecisionDraft: Hashable, Sendable {
    /// The section of the rules, such as `6.3`.
    package var rule: String
    package var verdict: String
    /// For people.
    package var reason: String
    /// Canonical text from which the verdict can be computed again, bit for bit.
    package var inputs: String
    package init(rule: String, verdict: String, reason: String, inputs: String) {
        self.rule = rule
        self.verdict = verdict
        self.reason = reason
        self.inputs = inputs
    }
}

package struct ApprovalFacts: Hashable, Sendable {
    package var release: ReleaseID
    package var step: Int
    package var generation: Int64
    package var lock: Digest
    package var actor: String
    package var isApproval: Bool
    package var comment: String
    package var at: Instant
    package init(
        release: ReleaseID, step: Int, generation: Int64, lock: Digest, actor: String, isApproval: Bool, comment: String, at: Instant
    ) {
        self.release = release
        self.step = step
        self.generation = generation
        self.lock = lock
        self.actor = actor
        self.isApproval = isApproval
        self.comment = comment
        self.at = at
    }
}

/// A route and when it was committed.
package struct RouteFacts: Hashable, Sendable {
    package var route: TrafficRoute
    package var at: Instant
    /// The release under way when it was made.
    package var release: ReleaseID?
    /// Such as `release`, `settings`, `deleted`.
    package var cause: String
    package init(route: TrafficRoute, at: Instant, release: ReleaseID?, cause: String) {
        self.route = route
        self.at = at
        self.release = release
        self.cause = cause
    }
}
