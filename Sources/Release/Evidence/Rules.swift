import Core

/// The numbers that a release is judged by, worked out once from its spec.
struct Rules: Hashable, Sendable {
    var metrics: [MetricRule] = []
    /// ln(1 / alpha): what FAIL and PASS need.
    var failLimit = 0.0
    var passLimit = 0.0
    var isSession = false
    var hasControl = false
    /// A release that never goes live has shadowed answers alone to be judged by.
    var isShadow = false
    var staleAfter: Milliseconds = 0
    /// Basis points from which on the bake guard watches.
    var bakeWeight = 0
    /// Weights that the release will have.
    var weightCount = 1
    /// For each step, whether leaving it raises the weight at all.
    var risesAfter: [Bool] = []

    init() {}

    init(_ spec: ReleaseSpec) {
        let strategy = spec.strategy
        let risk = strategy.risk
        let steps = spec.steps
        failLimit = -ln(risk.rollbackAlpha)
        passLimit = -ln(risk.promoteAlpha)
        isSession = spec.unit == .session
        hasControl = strategy.hasControl
        isShadow = strategy.kind == .shadow
        staleAfter = strategy.staleAfter
        bakeWeight = spec.bakeWeights.candidate
        weightCount = steps.count + 1
        let weights = steps.map(\.weight) + (isShadow ? [] : [bakeWeight])
        risesAfter = steps.indices.map { weights.indices.contains($0 + 1) && weights[$0 + 1] > weights[$0] }
        // What the last comparison before the bake is made at.
        let last = Double(steps.last.map(\.weight).flatMap { $0 > 0 ? $0 : nil } ?? bakeWeight) / 10_000
        let gates = steps.indices.map { i -> MetricRule.Gate in
            let next = weights.indices.contains(i + 1) ? max(Double(weights[i + 1]) / 10_000, 1e-4) : 1
            return MetricRule.Gate(bound: min(0.5, risk.harmBudget / next), ratioShare: max(last / next, 1))
        }
        let shares = Self.shares(spec.objectives)
        metrics = zip(spec.objectives, shares).map { MetricRule($0, share: $1, strategy: strategy, gates: gates) }
    }

    /// How the error allowed is divided: half for the first objective that counts errors, the rest
    /// shared equally.
    private static func shares(_ objectives: [Objective]) -> [Double] {
        let judged = objectives.indices.filter { !objectives[$0].isReportOnly }
        let chief = judged.first { objectives[$0].name == "errors" } ?? judged.first { objectives[$0].source == .requests } ?? judged.first
        return objectives.indices.map { i in
            guard judged.contains(i) else { return 0 }
            if judged.count == 1 { return 1 }
            return i == chief ? 0.5 : 0.5 / Double(judged.count - 1)
        }
    }

    mutating func exchange(_ notes: inout Notes) {
        notes.label("rules")
        notes.number(&failLimit)
        notes.number(&passLimit)
        notes.flag(&isSession)
        notes.flag(&hasControl)
        notes.flag(&isShadow)
        notes.count(&staleAfter)
        notes.count(&bakeWeight)
        notes.count(&weightCount)
        notes.list(&risesAfter, of: false) { $1.flag(&$0) }
        notes.list(&metrics, of: MetricRule()) { $0.exchange(&$1) }
    }
}
