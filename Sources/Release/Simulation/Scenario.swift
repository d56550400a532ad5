package import Core

/// A world for simulated releases: how much traffic there is, how good both versions are, what
/// goes wrong, and what is expected of the decisions.
package struct Scenario: Sendable {
    package var name: String
    /// Randomised requests per second.
    package var rate: Double
    package var strategy: Strategy
    package var objectives: [Objective]
    package var unit: AssignmentPolicy.Unit
    /// Share of bad units by objective.
    package var stable: [Double]
    package var candidate: [Double]
    package var twist: Twist
    package var target: Target
    /// Seconds between two looks at the evidence; while requests fail in numbers, each is looked at.
    package var interval: Double

    /// What is special.
    package enum Twist: Sendable, Hashable {
        case none
        /// The candidate is as good as stable until this step, and from then on as its rates say; every request is looked at.
        case breaks(step: Int)
        /// The same from a random moment of the step on.
        case breaksWithin(step: Int)
        /// Both are bad to this degree for so many seconds, from a random moment of the steps on.
        case incident(rate: Double, seconds: Double)
        /// The common rate swings by this factor, and the weights of the steps are drawn.
        case drift(factor: Double)
        /// Such a share of users always fail, on either side; each sends so many requests.
        case users(failing: Double, requests: Int)
        /// No request comes any more once this step has begun.
        case stops(step: Int)
        /// One replica each: latency follows from the load, the candidate takes so many times as long.
        case queue(slowness: Double)
        /// Pairs of scored answers per second, and the mean scores.
        case pairs(perSecond: Double, stable: Double, candidate: Double)
    }

    package init(
        name: String, rate: Double, strategy: Strategy = Strategy(), objectives: [Objective] = [Objective(name: "errors")],
        unit: AssignmentPolicy.Unit = .request, stable: [Double], candidate: [Double], twist: Twist = .none, target: Target = Target(),
        interval: Double? = nil
    ) {
        self.name = name
        self.rate = rate
        self.strategy = strategy
        self.objectives = objectives
        self.unit = unit
        self.stable = stable
        self.candidate = candidate
        self.twist = twist
        self.target = target
        self.interval = interval ?? (rate < 1 ? 5 : 2)
    }
}

/// What is expected of a scenario; nil: nothing.
package struct Target: Sendable, Hashable {
    package var rolledBackAtMost: Double?
    package var rolledBackAtLeast: Double?
    package var promotedAtMost: Double?
    package var promotedAtLeast: Double?
    /// Minutes until the typical rollback is decided.
    package var medianMinutes: Double?
    /// Failed requests of the candidate until its weight is 0, in 99 of 100 releases.
    package var failedAtMost: Int?
    package var endsWithoutData: Bool

    package init(
        rolledBackAtMost: Double? = nil, rolledBackAtLeast: Double? = nil, promotedAtMost: Double? = nil, promotedAtLeast: Double? = nil,
        medianMinutes: Double? = nil, failedAtMost: Int? = nil, endsWithoutData: Bool = false
    ) {
        self.rolledBackAtMost = rolledBackAtMost
        self.rolledBackAtLeast = rolledBackAtLeast
        self.promotedAtMost = promotedAtMost
        self.promotedAtLeast = promotedAtLeast
        self.medianMinutes = medianMinutes
        self.failedAtMost = failedAtMost
        self.endsWithoutData = endsWithoutData
    }
}
