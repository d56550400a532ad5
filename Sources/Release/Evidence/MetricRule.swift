import Core

/// What one objective is judged by.
struct MetricRule: Hashable, Sendable {
    private(set) var isPaired = false
    private(set) var isReportOnly = false
    private(set) var needsEqualLoad = false
    private(set) var isRelative = true
    private(set) var isAbsolute = true
    private(set) var slo = 0.02
    private(set) var relativeLimit = 2.0
    private(set) var margin = 0.02
    /// Its part of the error that FAIL and the guards are allowed; 0 for one that is only reported.
    private(set) var share = 1.0
    private(set) var hardLimit = 0.2
    /// ln of what the guards must reach.
    private(set) var guardLimit = 0.0
    private(set) var bakeGuardLimit = 0.0
    /// Not a logarithm.
    private(set) var suddenLimit = 0.0
    private(set) var gates: [Gate] = []

    /// What must be shown before the weight rises to the next one.
    struct Gate: Hashable, Sendable {
        var bound = 0.5
        /// How many times `relativeLimit`.
        var ratioShare = 1.0
    }

    // Worked out from the above.
    private(set) var sloTest = AbsoluteTest.below(0.02)
    private(set) var guardTest = AbsoluteTest.above(0.2)
    private(set) var gateTests: [AbsoluteTest] = []

    init() {}

    init(_ objective: Objective, share: Double, strategy: Strategy, gates: [Gate]) {
        isPaired = objective.source == .pairedShadow
        isReportOnly = objective.isReportOnly
        needsEqualLoad = objective.compare == .equalLoad
        isRelative = objective.mode != .absolute
        isAbsolute = objective.mode != .relative
        slo = min(max(objective.slo, 1e-6), 0.8)
        relativeLimit = max(objective.relativeLimit, 1)
        margin = objective.margin
        self.share = share
        // A metric whose normal share of bad units is high has its limit above it.
        hardLimit = min(max(strategy.risk.hardLimit, 2 * slo), 0.8)
        // Half for epochs, half for sudden breaks; the bake guard has as much again.
        let allowed = strategy.risk.guardAlpha * max(share, 1e-9)
        let length = strategy.maxObserved + strategy.bake.duration
        guardLimit = ln((Double(length) / Double(Epoch.short) + Double(strategy.steps.count + 2)) / (allowed / 2))
        suddenLimit = SuddenGuard.beginnings(in: length) / (allowed / 2)
        bakeGuardLimit = ln((Double(length) / Double(Epoch.long) + 1) / allowed)
        self.gates = gates
        prepare()
    }

    private mutating func prepare() {
        sloTest = .below(slo)
        guardTest = .above(hardLimit)
        gateTests = gates.map { .below($0.bound) }
    }

    /// Whether the guards watch it: a metric that only means something under equal load cannot stop a release at unequal load.
    var isGuarded: Bool { !isPaired && !needsEqualLoad && share > 0 }
    /// Whether the gates of steps ask it: not before it can be compared at all.
    var isGated: Bool { isGuarded }

    func gateRatio(_ step: Int) -> Double { gates.indices.contains(step) ? relativeLimit * gates[step].ratioShare : relativeLimit }

    mutating func exchange(_ notes: inout Notes) {
        notes.flag(&isPaired)
        notes.flag(&isReportOnly)
        notes.flag(&needsEqualLoad)
        notes.flag(&isRelative)
        notes.flag(&isAbsolute)
        notes.number(&slo)
        notes.number(&relativeLimit)
        notes.number(&margin)
        notes.number(&share)
        notes.number(&hardLimit)
        notes.number(&guardLimit)
        notes.number(&bakeGuardLimit)
        notes.number(&suddenLimit)
        notes.list(&gates, of: Gate()) { gate, notes in
            notes.number(&gate.bound)
            notes.number(&gate.ratioShare)
        }
        prepare()
    }
}
