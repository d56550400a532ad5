import API
import Core
import Hub
import Release

extension PlanInfo {
    /// `warnings` are those of the manifest itself, before those of the hub.
    init(_ facts: PlanFacts, warnings: [String] = []) {
        self.init(
            hash: facts.hash.description, endpoint: facts.endpoint.text, kind: facts.kind.rawValue, from: facts.from.map { BackendLabelInfo($0) },
            to: BackendLabelInfo(facts.to), lock: facts.lock.description, lockText: facts.lockText,
            changes: facts.changes.map { PlanChangeInfo(kind: $0.kind.rawValue, field: $0.field, before: $0.before, after: $0.after) },
            memory: PlanMemoryInfo(
                stable: facts.memory.stable, candidate: facts.memory.candidate, others: facts.memory.others, peak: facts.memory.peak,
                available: facts.memory.available, fits: facts.memory.fits),
            needs: facts.needs.map { PlanNeedInfo(name: $0.name, isMet: $0.isMet) },
            estimates: facts.estimates.map { PlanEstimateInfo(metric: $0.metric, requests: $0.requests, time: $0.time) },
            warnings: warnings + facts.warnings, expectedGap: facts.expectedGap, endpointGeneration: facts.endpointGeneration,
            expires: facts.expires.description)
    }
}

extension AppliedInfo {
    init(_ applied: Applied) {
        self.init(endpoint: EndpointInfo(applied.endpoint), release: applied.release.map(ReleaseInfo.init), wasMade: applied.wasMade)
    }
}

extension ReleaseInfo {
    init(_ facts: ReleaseFacts) {
        let (release, spec) = (facts.release, facts.release.spec)
        self.init(
            id: spec.id.description, endpoint: spec.id.endpoint.text, kind: spec.kind.rawValue, strategy: spec.strategy.kind.rawValue,
            phase: release.phase.rawValue, isTerminal: release.phase.isTerminal, step: release.step, steps: spec.steps.map(ReleaseStepInfo.init),
            pauses: release.pauses.map(\.rawValue), outcome: release.outcome.map { OutcomeInfo(code: $0.code, message: $0.message) },
            hasFailed: release.hasFailed, weights: WeightsInfo(release), isRouteApplied: release.isRouteApplied,
            from: facts.from.map { BackendLabelInfo($0) }, to: BackendLabelInfo(facts.to), lock: spec.lock.description,
            bake: spec.strategy.bake.duration, holdback: spec.strategy.bake.holdback, maxObserved: spec.strategy.maxObserved,
            submittedBy: spec.submittedBy, reason: facts.reason, retryOf: facts.retryOf?.description,
            approvals: release.approvals.map(ApprovalInfo.init), isProtected: facts.isProtected, created: facts.created.description,
            updated: facts.updated.description, ended: facts.ended?.description, generation: facts.generation, etag: "\"\(facts.generation)\"")
    }
}

extension ReleaseStepInfo {
    init(_ step: Strategy.Step) {
        self.init(
            weight: step.weight, shadow: step.shadow, minObserved: step.minObserved, quorum: step.approval?.quorum, role: step.approval?.role,
            hooks: step.hooks)
    }
}

extension WeightsInfo {
    /// Stable has what the others leave.
    init(_ release: Release) {
        let weights = release.weights
        self.init(
            candidate: weights.candidate, control: weights.control, stable: TrafficRoute.whole - weights.candidate - weights.control,
            shadow: weights.shadow)
    }
}

extension ApprovalInfo {
    init(_ facts: ApprovalFacts) {
        self.init(
            step: facts.step, actor: facts.actor, isApproval: facts.isApproval, comment: facts.comment, generation: facts.generation,
            lock: facts.lock.description, at: facts.at.description)
    }
    init(_ approval: Approval) {
        self.init(
            step: approval.step, actor: approval.actor, isApproval: true, comment: approval.comment, generation: approval.generation,
            lock: approval.lock.description)
    }
}

extension AnalysisInfo {
    init(_ facts: ReleaseFacts, _ metrics: [MetricSummary]) {
        self.init(
            release: facts.id.description, phase: facts.phase.rawValue, step: facts.release.step, metrics: metrics.map(MetricInfo.init))
    }
}

extension MetricInfo {
    init(_ metric: MetricSummary) {
        let limits = metric.limits
        self.init(
            name: metric.name, verdict: metric.verdict.rawValue, isReportOnly: metric.isReportOnly,
            candidate: MetricCountInfo(units: metric.candidate.units, bad: metric.candidate.bad),
            stable: MetricCountInfo(units: metric.stable.units, bad: metric.stable.bad),
            evidence: [
                EvidenceInfo("harm", metric.harm, limits.harm), EvidenceInfo("safety", metric.safety, limits.safety),
                // Both show safety with the same confidence (6.4, 6.5).
                EvidenceInfo("gate", metric.gate, limits.safety), EvidenceInfo("guard", metric.guardTrip, limits.guardTrip),
                EvidenceInfo("srm", metric.srm, limits.srm)
            ], needed: metric.needed.map(Int64.init))
    }
}

extension EvidenceInfo {
    /// JSON has no infinity: a factor of zero (evidence that ended) is the smallest number instead.
    init(_ test: String, _ log10: Double, _ limit: Double) {
        let largest = Double.greatestFiniteMagnitude
        func finite(_ number: Double) -> Double { number.isNaN ? 0 : min(max(number, -largest), largest) }
        self.init(test: test, log10: finite(log10), limit: finite(limit))
    }
}

extension DecisionInfo {
    init(_ facts: DecisionFacts) {
        self.init(
            sequence: facts.sequence, event: facts.event, rule: facts.draft.rule, verdict: facts.draft.verdict, reason: facts.draft.reason,
            inputs: facts.draft.inputs, inputsDigest: facts.inputsDigest.description, actor: facts.actor, at: facts.at.description)
    }
}

extension WhyInfo {
    init(_ facts: WhyFacts) {
        self.init(
            endpoint: facts.endpoint.text, at: facts.at.description, route: facts.route.map(RouteInfo.init),
            served: facts.served.map(WhyServedInfo.init),
            underWay: facts.underWay.map(ReleaseInfo.init))
    }
}

extension WhyServedInfo {
    init(_ served: WhyFacts.Served) {
        self.init(
            variant: served.variant.rawValue, weight: served.weight, backend: BackendLabelInfo(served.backend),
            since: served.since.map(ReleaseInfo.init), decisions: served.decisions.map(DecisionInfo.init),
            approvals: served.approvals.map(ApprovalInfo.init),
            published: served.published.map {
                WhyPublishedInfo(commit: $0.commit.hex, author: $0.author, message: $0.message, at: $0.created.description)
            },
            lineage: served.lineage.map(LineageEdge.init))
    }
}
