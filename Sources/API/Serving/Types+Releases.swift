// Bodies of our HTTP API; see Types.swift for the units.

/// A release and where it stands.
package struct ReleaseInfo: Codable, Hashable, Sendable {
    package var id: String
    package var endpoint: String
    /// Release or rollback.
    package var kind: String
    /// Canary, blueGreen, shadow or recreate.
    package var strategy: String
    /// Such as pending, progressing, paused, baking, succeeded or rolled-back.
    package var phase: String
    package var isTerminal: Bool
    /// Number of the current step, from 0.
    package var step: Int
    package var steps: [ReleaseStepInfo]
    /// Why it is paused; it goes on when the list is empty.
    package var pauses: [String]
    /// Why it ended, or is on its way there.
    package var outcome: OutcomeInfo?
    /// Harm was shown; never unlearned.
    package var hasFailed: Bool
    package var weights: WeightsInfo
    /// The weights are in effect.
    package var isRouteApplied: Bool
    package var from: BackendLabelInfo?
    package var to: BackendLabelInfo
    /// Digest of its lock.
    package var lock: String
    /// Milliseconds.
    package var bake: Int64
    /// Basis points.
    package var holdback: Int
    /// Milliseconds.
    package var maxObserved: Int64
    package var submittedBy: String
    /// Why somebody wanted it.
    package var reason: String
    package var retryOf: String?
    package var approvals: [ApprovalInfo]
    /// Everything its lock names can be neither deleted nor collected.
    package var isProtected: Bool
    package var created: String
    package var updated: String
    package var ended: String?
    package var generation: Int64
    /// Send as If-Match.
    package var etag: String

    package init(
        id: String, endpoint: String, kind: String, strategy: String, phase: String, isTerminal: Bool, step: Int, steps: [ReleaseStepInfo],
        pauses: [String], outcome: OutcomeInfo? = nil, hasFailed: Bool, weights: WeightsInfo, isRouteApplied: Bool, from: BackendLabelInfo? = nil,
        to: BackendLabelInfo, lock: String, bake: Int64, holdback: Int, maxObserved: Int64, submittedBy: String, reason: String,
        retryOf: String? = nil, approvals: [ApprovalInfo], isProtected: Bool, created: String, updated: String, ended: String? = nil,
        generation: Int64, etag: String
    ) {
        self.id = id
        self.endpoint = endpoint
        self.kind = kind
        self.strategy = strategy
        self.phase = phase
        self.isTerminal = isTerminal
        self.step = step
        self.steps = steps
        self.pauses = pauses
        self.outcome = outcome
        self.hasFailed = hasFailed
        self.weights = weights
        self.isRouteApplied = isRouteApplied
        self.from = from
        self.to = to
        self.lock = lock
        self.bake = bake
        self.holdback = holdback
        self.maxObserved = maxObserved
        self.submittedBy = submittedBy
        self.reason = reason
        self.retryOf = retryOf
        self.approvals = approvals
        self.isProtected = isProtected
        self.created = created
        self.updated = updated
        self.ended = ended
        self.generation = generation
        self.etag = etag
    }
}

package struct ReleaseStepInfo: Codable, Hashable, Sendable {
    /// Basis points.
    package var weight: Int
    /// Basis points.
    package var shadow: Int
    /// Milliseconds.
    package var minObserved: Int64
    /// How many must approve before it is left.
    package var quorum: Int?
    /// Who may.
    package var role: String?
    package var hooks: [String]

    package init(weight: Int, shadow: Int, minObserved: Int64, quorum: Int? = nil, role: String? = nil, hooks: [String]) {
        self.weight = weight
        self.shadow = shadow
        self.minObserved = minObserved
        self.quorum = quorum
        self.role = role
        self.hooks = hooks
    }
}

package struct OutcomeInfo: Codable, Hashable, Sendable {
    /// A stable word, such as analysis-failed or aborted.
    package var code: String
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// Basis points.
package struct WeightsInfo: Codable, Hashable, Sendable {
    package var candidate: Int
    package var control: Int
    package var stable: Int
    package var shadow: Int

    package init(candidate: Int, control: Int, stable: Int, shadow: Int) {
        self.candidate = candidate
        self.control = control
        self.stable = stable
        self.shadow = shadow
    }
}

package struct ApprovalInfo: Codable, Hashable, Sendable {
    package var step: Int
    package var actor: String
    /// False: a rejection.
    package var isApproval: Bool
    package var comment: String
    /// Of the release that the approver saw.
    package var generation: Int64
    package var lock: String
    /// Only in the list of approvals.
    package var at: String?

    package init(step: Int, actor: String, isApproval: Bool, comment: String, generation: Int64, lock: String, at: String? = nil) {
        self.step = step
        self.actor = actor
        self.isApproval = isApproval
        self.comment = comment
        self.generation = generation
        self.lock = lock
        self.at = at
    }
}

/// What is known of each metric now.
package struct AnalysisInfo: Codable, Hashable, Sendable {
    package var release: String
    package var phase: String
    package var step: Int
    package var metrics: [MetricInfo]

    package init(release: String, phase: String, step: Int, metrics: [MetricInfo]) {
        self.release = release
        self.phase = phase
        self.step = step
        self.metrics = metrics
    }
}

package struct MetricInfo: Codable, Hashable, Sendable {
    package var name: String
    /// Pass, fail, inconclusive and the like.
    package var verdict: String
    package var isReportOnly: Bool
    package var candidate: MetricCountInfo
    /// Control included.
    package var stable: MetricCountInfo
    package var evidence: [EvidenceInfo]
    /// Units of the candidate still needed for the next question; absent: not foreseeable.
    package var needed: Int64?

    package init(
        name: String, verdict: String, isReportOnly: Bool, candidate: MetricCountInfo, stable: MetricCountInfo, evidence: [EvidenceInfo],
        needed: Int64? = nil
    ) {
        self.name = name
        self.verdict = verdict
        self.isReportOnly = isReportOnly
        self.candidate = candidate
        self.stable = stable
        self.evidence = evidence
        self.needed = needed
    }
}

package struct MetricCountInfo: Codable, Hashable, Sendable {
    /// Requests, or sessions where those are assigned.
    package var units: Double
    package var bad: Double

    package init(units: Double, bad: Double) {
        self.units = units
        self.bad = bad
    }
}

/// One e-value, as logarithm to base 10.
package struct EvidenceInfo: Codable, Hashable, Sendable {
    /// Harm, safety, gate, guard or srm.
    package var test: String
    package var log10: Double
    /// Where the test decides.
    package var limit: Double

    package init(test: String, log10: Double, limit: Double) {
        self.test = test
        self.log10 = log10
        self.limit = limit
    }
}

/// What was decided, by which rule, from which numbers. Never changed.
package struct DecisionInfo: Codable, Hashable, Sendable {
    package var sequence: Int64
    /// Sequence number of the event that it led to; 0 where none followed.
    package var event: Int64
    /// Section of the decision rules, such as 6.3.
    package var rule: String
    package var verdict: String
    package var reason: String
    /// Text from which the verdict can be computed again, bit for bit.
    package var inputs: String
    package var inputsDigest: String
    package var actor: String
    package var at: String

    package init(
        sequence: Int64, event: Int64, rule: String, verdict: String, reason: String, inputs: String, inputsDigest: String, actor: String,
        at: String
    ) {
        self.sequence = sequence
        self.event = event
        self.rule = rule
        self.verdict = verdict
        self.reason = reason
        self.inputs = inputs
        self.inputsDigest = inputsDigest
        self.actor = actor
        self.at = at
    }
}

/// Something that changed a release.
package struct ReleaseEventInfo: Codable, Hashable, Sendable {
    /// From 1, without gaps.
    package var sequence: Int64
    package var at: String
    package var actor: String
    /// Such as tick, pause or routeApplied.
    package var event: String
    /// For people; empty where the name says it all.
    package var detail: String
    package var phaseBefore: String
    package var phase: String
    package var step: Int
    package var generation: Int64
    /// What followed.
    package var commands: [String]
    /// Over this row and the hash of the one before.
    package var hash: String

    package init(
        sequence: Int64, at: String, actor: String, event: String, detail: String, phaseBefore: String, phase: String, step: Int,
        generation: Int64, commands: [String], hash: String
    ) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.event = event
        self.detail = detail
        self.phaseBefore = phaseBefore
        self.phase = phase
        self.step = step
        self.generation = generation
        self.commands = commands
        self.hash = hash
    }
}

package struct OrderReason: Codable, Hashable, Sendable {
    /// For the record; some orders need one.
    package var reason: String?

    package init(reason: String? = nil) {
        self.reason = reason
    }
}

package struct ApproveOrder: Codable, Hashable, Sendable {
    package var comment: String?
    /// Of the release that was looked at; absent: the one of If-Match.
    package var generation: Int64?
    /// Digest of the lock that was looked at.
    package var lock: String?

    package init(comment: String? = nil, generation: Int64? = nil, lock: String? = nil) {
        self.comment = comment
        self.generation = generation
        self.lock = lock
    }
}
