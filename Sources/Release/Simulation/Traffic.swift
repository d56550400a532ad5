import Core

/// Synthetic requests. Where no rule asks for single ones they are drawn by the tick, as counts.
struct Traffic {
    /// Failed requests of the candidate in the last pass.
    private(set) var failed = 0
    private var incidentStart = 0.0
    private var phase = 0.0
    private var users: [User] = []
    private var nextKey: UInt64 = 0
    private var breakAfter = 0.0
    private var stepBegan: (step: Int, time: Double) = (0, 0)

    struct User {
        let key: UInt64
        let bucket: Int
        let fails: Bool
        var left: Int
    }

    init(_ scenario: Scenario, _ draw: inout Draw) {
        switch scenario.twist {
        case .incident: incidentStart = 120 + 780 * draw.share()
        case .drift: phase = draw.share()
        case .breaksWithin: breakAfter = 30 + 500 * draw.share()
        case .users(let failing, let requests):
            // About five minutes for each user's requests.
            let active = max(4, Int(scenario.rate * 300 / Double(requests)))
            users = (0..<active).map { _ in Self.user(&nextKey, failing, 1 + draw.below(requests), &draw) }
        case .none, .breaks, .stops, .queue, .pairs: break
        }
    }

    private static func user(_ key: inout UInt64, _ failing: Double, _ requests: Int, _ draw: inout Draw) -> User {
        key += 1
        return User(key: key, bucket: draw.below(TrafficRoute.whole), fails: draw.happens(failing), left: requests)
    }

    /// Lets traffic come for a while, and says for how many seconds.
    mutating func pass(from time: Double, _ release: Release, _ scenario: Scenario, _ draw: inout Draw, into analysis: inout Analysis) -> Double {
        failed = 0
        let weight = release.weights.candidate
        let w = Double(weight) / 10_000
        if case .stops(let step) = scenario.twist, release.step >= step { return 30 }
        if case .users(let failing, let requests) = scenario.twist {
            return pass(users: failing, requests, from: time, weight, scenario, &draw, into: &analysis)
        }
        if release.step != stepBegan.step { stepBegan = (release.step, time) }
        let rates = rates(at: time, release, scenario, w)
        if isBroken(at: time, release, scenario), weight > 0 {
            let gap = draw.gap(scenario.rate)
            let isCandidate = draw.happens(w)
            let at = Milliseconds((time + gap) * 1000)
            analysis.evidence.hear(at: at)
            analysis.evidence.assign(weight: weight, candidate: isCandidate ? 1 : 0, stable: isCandidate ? 0 : 1, began: at)
            record(j: 0, isCandidate ? 1 : 0, isCandidate ? 0 : 1, rates, weight, at, &draw, into: &analysis)
            return gap
        }
        let seconds = scenario.interval
        let at = Milliseconds((time + seconds) * 1000) - 1
        let candidates = draw.poisson(scenario.rate * w * seconds)
        let others = draw.poisson(scenario.rate * (1 - w) * seconds)
        if candidates + others > 0 {
            analysis.evidence.hear(at: at)
            analysis.evidence.assign(weight: weight, candidate: Double(candidates), stable: Double(others), began: at)
            for j in scenario.objectives.indices where scenario.objectives[j].source == .requests {
                var partners = others
                let control = release.weights.control
                if control > 0, scenario.objectives[j].compare == .equalLoad {
                    partners = draw.binomial(others, Double(control) / Double(TrafficRoute.whole - weight))
                }
                record(j: j, candidates, partners, rates, weight, at, &draw, into: &analysis, isLoadEqual: control > 0 || weight == 5000)
            }
            // Before it breaks, its failures are the usual ones.
            if case .breaks = scenario.twist { failed = 0 }
            if case .breaksWithin = scenario.twist { failed = 0 }
        }
        if release.weights.shadow > 0 {
            let shadowed = draw.poisson(scenario.rate * (1 - w) * Double(release.weights.shadow) / 10_000 * seconds)
            for j in scenario.objectives.indices where shadowed > 0 && scenario.objectives[j].source == .requests {
                let bad = draw.binomial(shadowed, rates.candidate[j])
                analysis.evidence.add(shadow: Count(units: Double(shadowed), bad: Double(bad)), to: j)
            }
        }
        if case .pairs(let perSecond, let stable, let candidate) = scenario.twist, release.weights.shadow > 0 {
            for _ in 0..<draw.poisson(perSecond * seconds) {
                let (a, b) = (draw.happens(stable), draw.happens(candidate))
                analysis.add([PairedScore(objective: 1, stable: a ? 1 : 0, candidate: b ? 1 : 0, at: at)])
            }
        }
        return seconds
    }

    private mutating func record(
        j: Int, _ candidates: Int, _ others: Int, _ rates: (stable: [Double], candidate: [Double]), _ weight: Int, _ at: Milliseconds,
        _ draw: inout Draw, into analysis: inout Analysis, isLoadEqual: Bool = false
    ) {
        guard analysis.evidence.isComparable(j, .candidate, weight: weight, bits: isLoadEqual ? .max : 0) else { return }
        let bad = draw.binomial(candidates, rates.candidate[j])
        let badOthers = draw.binomial(others, rates.stable[j])
        if j == 0 { failed += bad }
        let sides = Sides(
            candidate: Count(units: Double(candidates), bad: Double(bad)), stable: Count(units: Double(others), bad: Double(badOthers)))
        analysis.evidence.count(j, sides, weight: weight, isAbsolute: true, isGuarded: true, at: at)
        if bad + badOthers > 0 { analysis.evidence.compare(j, candidate: Double(bad), stable: Double(badOthers), weight: weight) }
    }

    private func isBroken(at time: Double, _ release: Release, _ scenario: Scenario) -> Bool {
        switch scenario.twist {
        case .breaks(let step): release.step >= step
        case .breaksWithin(let step): release.step > step || release.step == step && time - stepBegan.time >= breakAfter
        case .none, .incident, .drift, .users, .stops, .queue, .pairs: false
        }
    }

    private func rates(at time: Double, _ release: Release, _ scenario: Scenario, _ w: Double) -> (stable: [Double], candidate: [Double]) {
        switch scenario.twist {
        case .breaks, .breaksWithin: return (scenario.stable, isBroken(at: time, release, scenario) ? scenario.candidate : scenario.stable)
        case .incident(let rate, let seconds) where time >= incidentStart && time < incidentStart + seconds:
            let all = scenario.stable.map { _ in rate }
            return (all, all)
        case .drift(let factor):
            // Down and up again within 20 minutes.
            let place = time / 1200 + phase
            let swing = raise(-ln(factor) * abs(2 * (place - place.rounded(.down)) - 1))
            return (scenario.stable.map { $0 * swing }, scenario.candidate.map { $0 * swing })
        case .queue(let slowness):
            // One replica each, answers of 100 ms on average without a queue: M/M/1, P(time > limit) = exp(-(mu - lambda) limit).
            let limit = 0.4
            let stable = raise(-max(10 - scenario.rate * (1 - w), 0.5) * limit)
            let candidate = raise(-max(10 / slowness - scenario.rate * w, 0.5) * limit)
            return ([scenario.stable[0], stable], [scenario.candidate[0], candidate])
        case .none, .incident, .users, .stops, .pairs: return (scenario.stable, scenario.candidate)
        }
    }

    private mutating func pass(
        users failing: Double, _ requests: Int, from time: Double, _ weight: Int, _ scenario: Scenario, _ draw: inout Draw,
        into analysis: inout Analysis
    ) -> Double {
        let seconds = scenario.interval
        let count = draw.poisson(scenario.rate * seconds)
        var observations: [Observation] = []
        observations.reserveCapacity(count)
        for n in 0..<count {
            let at = Milliseconds((time + seconds * Double(n) / Double(count)) * 1000)
            let i = draw.below(users.count)
            let user = users[i]
            observations.append(
                Observation(
                    key: user.key, variant: user.bucket < weight ? .candidate : .stable, candidateWeight: weight, known: 1,
                    bad: user.fails ? 1 : 0, at: at))
            users[i].left -= 1
            if users[i].left == 0 { users[i] = Self.user(&nextKey, failing, requests, &draw) }
        }
        analysis.add(observations)
        return seconds
    }
}
