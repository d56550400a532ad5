import Core

extension ReleaseSpec {
    /// The steps this kind of release really takes before it bakes.
    /// - canary: as written;
    /// - blueGreen: those of weight 0 (a shadow, an approval), then everything at once;
    /// - shadow: all, at weight 0; it never goes live;
    /// - recreate, a rollback, an endpoint's first release: none.
    package var steps: [Strategy.Step] {
        guard kind == .release, from != nil else { return [] }
        switch strategy.kind {
        case .canary: return strategy.steps
        case .blueGreen: return strategy.steps.filter { $0.weight == 0 }
        case .shadow:
            let silent = strategy.steps.filter { $0.shadow > 0 }.map { step in
                var step = step
                step.weight = 0
                return step
            }
            return silent.isEmpty ? [Strategy.Step(weight: 0, shadow: 1000)] : silent
        case .recreate: return []
        }
    }

    /// What the candidate carries while it bakes: nothing is held back where stable is down.
    package var bakeWeights: Command.Weights {
        strategy.kind == .recreate
            ? Command.Weights(candidate: TrafficRoute.whole)
            : Command.Weights(candidate: TrafficRoute.whole - min(max(strategy.bake.holdback, 0), TrafficRoute.whole))
    }

    package func weights(of step: Strategy.Step) -> Command.Weights {
        let candidate = min(max(step.weight, 0), TrafficRoute.whole)
        let control = strategy.hasControl ? min(candidate, TrafficRoute.whole - candidate) : 0
        return Command.Weights(candidate: candidate, control: control, shadow: min(max(step.shadow, 0), TrafficRoute.whole))
    }
}

extension Strategy.Step {
    /// Sends the candidate nothing at all, so that no data can come of it.
    package var isSilent: Bool { weight == 0 && shadow == 0 }
}

extension Release {
    package var currentStep: Strategy.Step? {
        let steps = spec.steps
        return phase == .progressing || phase == .paused ? (steps.indices.contains(step) ? steps[step] : nil) : nil
    }
}
