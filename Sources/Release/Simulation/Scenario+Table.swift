import Core

extension Scenario {
    /// What the decisions are held to: every row, for every rate of traffic that it names.
    package static let table: [Scenario] =
        calm + threeMetrics + regressions + breakages + disturbances + latency + quality

    /// No difference.
    private static var calm: [Scenario] {
        [0.5, 5, 50].flatMap { rate in
            [0.001, 0.01, 0.02, 0.05].map { base in
                Scenario(
                    name: "no difference, \(percent(base)) bad, \(rate)/s", rate: rate, stable: [base], candidate: [base],
                    target: Target(rolledBackAtMost: 0.01, promotedAtLeast: rate < 1 ? 0.75 : 0.99))
            }
        }
    }

    /// Latency is counted under equal load only, that is at 50 %.
    private static var threeMetrics: [Scenario] {
        let objectives = [
            Objective(name: "errors"), Objective(name: "ttft", slo: 0.05, compare: .equalLoad),
            Objective(name: "tpot", slo: 0.05, compare: .equalLoad)
        ]
        return [0.5, 5, 50].map { rate in
            Scenario(
                name: "no difference, 3 metrics, \(rate)/s", rate: rate, objectives: objectives, stable: [0.01, 0.04, 0.04],
                candidate: [0.01, 0.04, 0.04], target: Target(rolledBackAtMost: 0.01, promotedAtLeast: rate < 1 ? 0.75 : 0.99))
        }
    }

    private static var regressions: [Scenario] {
        func worse(_ rate: Double, _ to: Double, _ target: Target) -> Scenario {
            Scenario(name: "1 % to \(percent(to)) bad, \(rate)/s", rate: rate, stable: [0.01], candidate: [to], target: target)
        }
        return [
            worse(0.5, 0.05, Target(rolledBackAtLeast: 0.99, promotedAtMost: 0.001, medianMinutes: 60)),
            worse(0.5, 0.03, Target(rolledBackAtLeast: 0.90, promotedAtMost: 0.01)),
            worse(5, 0.02, Target(rolledBackAtLeast: 0.95, promotedAtMost: 0.05)),
            worse(5, 0.05, Target(rolledBackAtLeast: 0.999, promotedAtMost: 0.001, medianMinutes: 8)),
            worse(50, 0.02, Target(rolledBackAtLeast: 0.99, promotedAtMost: 0.01, medianMinutes: 8)),
            // Connections that fail and are retried on stable with success: charged to the candidate all the same.
            Scenario(
                name: "30 % failed connections, retried on stable, 5/s", rate: 5, stable: [0.01], candidate: [0.3],
                target: Target(rolledBackAtLeast: 0.99, promotedAtMost: 0.001))
        ]
    }

    private static var breakages: [Scenario] {
        [0.5, 5, 50].flatMap { rate in
            [
                (1.0, 0, [500, 1000, 2500, 5000], 5), (1.0, 0, [1000, 5000], 5), (1.0, 0, [5000], 10), (1.0, 3, [500, 1000, 2500, 5000], 10),
                (0.5, 0, [500, 1000, 2500, 5000], 7), (0.5, 0, [1000, 5000], 7), (0.5, 0, [5000], 17), (0.5, 3, [500, 1000, 2500, 5000], 20)
            ]
            .map { bad, step, weights, failed in
                Scenario(
                    name: "\(bad == 1 ? "totally broken" : "half fails") \(step == 0 ? "at" : "only at") \(weights[step] / 100) %, \(rate)/s",
                    rate: rate, strategy: Strategy(steps: weights.map { Strategy.Step(weight: $0, minObserved: 180_000) }), stable: [0.01],
                    candidate: [bad], twist: .breaks(step: step),
                    target: Target(rolledBackAtLeast: 1, promotedAtMost: 0, failedAtMost: failed))
            }
        }
            // Nobody breaks when it suits an epoch.
            + [0.5, 5, 50].map { rate in
                Scenario(
                    name: "totally broken some time at 50 %, \(rate)/s", rate: rate, stable: [0.01], candidate: [1], twist: .breaksWithin(step: 3),
                    target: Target(rolledBackAtLeast: 1, promotedAtMost: 0, failedAtMost: 16))
            }
    }

    private static var disturbances: [Scenario] {
        [5.0, 50].map { rate in
            Scenario(
                name: "both bad at 30 % for 10 min, \(rate)/s", rate: rate, stable: [0.01], candidate: [0.01],
                twist: .incident(rate: 0.3, seconds: 600), target: Target(rolledBackAtMost: 0.01, promotedAtLeast: 0.95))
        }
            + [0.5, 5, 50].map { rate in
                Scenario(
                    name: "2 % of users always fail, \(rate)/s", rate: rate, unit: .session, stable: [0.02], candidate: [0.02],
                    twist: .users(failing: 0.02, requests: 30), target: Target(rolledBackAtMost: 0.01), interval: rate < 1 ? 5 : 3)
            }
            + [0.5, 5, 50].map { rate in
                Scenario(
                    name: "base drifts 10x, weights drawn, \(rate)/s", rate: rate, stable: [0.05], candidate: [0.05], twist: .drift(factor: 10),
                    target: Target(rolledBackAtMost: 0.01))
            } + [
                Scenario(
                    name: "traffic stops after step 2, 5/s", rate: 5, stable: [0], candidate: [0], twist: .stops(step: 2),
                    target: Target(rolledBackAtMost: 0, promotedAtMost: 0, endsWithoutData: true))
            ]
    }

    private static var latency: [Scenario] {
        let equalLoad = [Objective(name: "errors"), Objective(name: "ttft", slo: 0.05, compare: .equalLoad)]
        return [
            Scenario(
                name: "ttft beyond its limit 4 % to 12 %, 5/s", rate: 5, objectives: [Objective(name: "errors"), Objective(name: "ttft", slo: 0.05)],
                stable: [0.01, 0.04], candidate: [0.01, 0.12], target: Target(rolledBackAtLeast: 0.999, promotedAtMost: 0.001)),
            Scenario(
                name: "50 % slower, one replica each, 5/s", rate: 5, objectives: equalLoad, stable: [0.01, 0], candidate: [0.01, 0],
                twist: .queue(slowness: 1.5), target: Target(rolledBackAtLeast: 0.99, promotedAtMost: 0.01))
        ]
    }

    /// 30 pairs a minute, margin 0.02.
    private static var quality: [Scenario] {
        let goals = [
            (0.90, Target(rolledBackAtMost: 0.01, promotedAtLeast: 0.80)), (0.88, Target(promotedAtMost: 0.05)),
            (0.85, Target(rolledBackAtLeast: 0.95, promotedAtMost: 0.001))
        ]
        return goals.map { score, target in
            var strategy = Strategy()
            for i in strategy.steps.indices { strategy.steps[i].shadow = 1000 }
            return Scenario(
                name: "quality 0.90 to \(score == 0.9 ? "0.90" : "\(score)"), 30 pairs/min", rate: 5, strategy: strategy,
                objectives: [
                    Objective(name: "errors"), Objective(name: "quality", source: .pairedShadow, scorer: .json, margin: 0.02)
                ], stable: [0.01, 0], candidate: [0.01, 0], twist: .pairs(perSecond: 0.5, stable: 0.90, candidate: score), target: target)
        }
    }

    private static func percent(_ share: Double) -> String {
        let thousandths = Int((share * 1000).rounded())
        return thousandths % 10 == 0 ? "\(thousandths / 10) %" : "\(thousandths / 10).\(thousandths % 10) %"
    }
}
