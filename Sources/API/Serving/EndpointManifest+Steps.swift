import Core
import Release
import Yams

extension EndpointManifest {
    /// The steps of the strategy, and that its kind can carry them out.
    static func readSteps(_ map: YAMLMap, into strategy: inout Strategy) throws(HubError) {
        let items = try map.maps("steps", what: "a step", atMost: 32)
        var steps: [Strategy.Step] = []
        for item in items { steps.append(try readStep(item)) }
        switch strategy.kind {
        case .canary:
            guard map.has("steps") else { return }
            guard steps.contains(where: { $0.weight > 0 }) else {
                throw map.at("steps", "a canary needs at least one step with a weight; for shadow traffic alone write strategy: shadow")
            }
            try checkRising(steps, items)
        case .blueGreen:
            guard steps.allSatisfy({ $0.weight == 0 }) else {
                throw map.at(
                    "steps", "strategy: blueGreen goes from nothing to everything: its steps have 'shadow', 'approval' or 'hooks', and no 'weight'")
            }
        case .shadow:
            guard !steps.isEmpty, steps.allSatisfy({ $0.weight == 0 && $0.shadow > 0 }) else {
                throw map.has("steps")
                    ? map.at("steps", "strategy: shadow never gives the candidate live traffic: each step has 'shadow' and no 'weight'")
                    : map.fail("strategy: shadow needs 'steps', such as - {shadow: 0.10, minObserved: 30m}")
            }
        case .recreate:
            guard steps.isEmpty else {
                throw map.at("steps", "strategy: recreate stops the old version before it starts the new one, so it has no steps; leave them out")
            }
        }
        strategy.steps = steps
    }

    private static func readStep(_ map: YAMLMap) throws(HubError) -> Strategy.Step {
        try map.allow(["weight", "shadow", "minObserved", "approval", "hooks"])
        var step = Strategy.Step(weight: try map.weight("weight", default: 0), shadow: try map.weight("shadow", default: 0))
        guard step.weight > 0 || step.shadow > 0 || map.has("approval") || map.has("hooks") else {
            throw map.fail("a step has a 'weight' or a 'shadow' above 0, or waits for an 'approval' or for 'hooks'")
        }
        step.minObserved = try map.duration("minObserved", default: step.minObserved)
        if let approval = try map.section("approval", ["role", "quorum"]) {
            let role = try approval.optional("role")?.text ?? "admin"
            guard role.utf8.count <= 64, role.utf8.allSatisfy({ ($0.isASCIILetter && $0 >= 0x61) || $0.isASCIIDigit || $0 == 0x2D }) else {
                throw approval.at(
                    "role",
                    "'\(FilePath.printable(String(role.prefix(80))))' is not a role: expected writer, admin, or one of your own in a-z, 0-9 and '-'")
            }
            step.approval = Strategy.ApprovalRule(role: role, quorum: try approval.integer("quorum", default: 1, in: 1...16))
        }
        step.hooks = try map.texts("hooks", atMost: 8)
        for hook in step.hooks {
            guard hook.hasPrefix("http://") || hook.hasPrefix("https://"), hook.utf8.count <= 2048, hook.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw map.at("hooks", "'\(FilePath.printable(String(hook.prefix(80))))' is not an address: expected http:// or https://") }
        }
        return step
    }

    private static func checkRising(_ steps: [Strategy.Step], _ items: [YAMLMap]) throws(HubError) {
        for (i, step) in steps.enumerated() {
            guard step.weight < 10_000 else {
                throw items[i].at("weight", "a step of weight 1 leaves nothing to compare with: the bake takes all traffic but its holdback")
            }
            guard i > 0 else { continue }
            let before = steps[i - 1].weight
            let isFine = step.weight == 0 ? before == 0 : step.weight > before
            guard isFine else {
                throw items[i].has("weight")
                    ? items[i].at(
                        "weight", "weights must rise from step to step: \(Units.share(step.weight)) comes after \(Units.share(before))")
                    : items[i].fail("a step without 'weight' comes before those with one: weights must rise from step to step")
            }
        }
    }
}
