package import Core

extension ServingDraft {
    /// Refuses what could not be honoured, before anything is looked up. A field is never ignored.
    package func check() throws(HubError) {
        func refuse(_ what: String) -> HubError { HubError(.invalidRequest, "the endpoint '\(endpoint.name)': \(what)") }
        for name in endpoint.publicNames
        where name.isEmpty || name.utf8.count > 128 || !name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw refuse("a public name has 1 to 128 visible ASCII characters, without spaces")
        }
        guard endpoint.publicNames.count <= 64 else { throw refuse("at most 64 public names") }
        guard (1...100).contains(endpoint.keepReleases) else { throw refuse("keepReleases is a number from 1 to 100") }
        let objectives = endpoint.objectives
        // Observations carry one bit for each.
        guard (1...32).contains(objectives.count) else { throw refuse("1 to 32 objectives are judged") }
        guard Set(objectives.map(\.name)).count == objectives.count else { throw refuse("two objectives have the same name") }
        for objective in objectives {
            guard objective.slo > 0, objective.slo < 1 else { throw refuse("the slo of '\(objective.name)' lies between 0 and 1") }
            guard objective.relativeLimit > 1 else { throw refuse("the relativeLimit of '\(objective.name)' is larger than 1") }
            guard objective.source != .pairedShadow || objective.scorer != nil else { throw refuse("'\(objective.name)' needs a scorer") }
        }
        guard objectives.contains(where: { !$0.isReportOnly }) else { throw refuse("at least one objective must decide, not only report") }
        if let alias = strategy.alias { _ = try RefName(parsing: alias) }
        if let sentence = runtime.problem ?? strategy.problem { throw refuse(sentence) }
        if strategy.hasControl, runtime.replicas < 2 { throw refuse("a control needs a second replica of stable: set replicas to 2 or more") }
        let hasShadow = strategy.kind == .shadow || strategy.steps.contains { $0.shadow > 0 }
        guard hasShadow || !objectives.contains(where: { $0.source == .pairedShadow && !$0.isReportOnly }) else {
            throw refuse("an objective compares paired answers, and no step has a shadow: add one, or mark the objective as report")
        }
    }
}

extension RuntimeSpec {
    fileprivate var problem: String? {
        switch kind {
        case .process(let command):
            guard let program = command.first, !program.isEmpty else { return "runtime.command is empty" }
            guard command.contains(where: { $0.contains("${port}") }) || environment.values.contains(where: { $0.contains("${port}") }) else {
                return "runtime.command never says ${port}: the server would not know where to listen"
            }
            guard command.allSatisfy({ !$0.utf8.contains(0) }) else { return "runtime.command holds a zero byte" }
        case .external(let urls):
            guard !urls.isEmpty, urls.allSatisfy({ $0.hasPrefix("http://") }) else {
                return "runtime.urls are addresses such as http://10.0.0.7:8000; TLS is not spoken to model servers"
            }
            if scaleToZero != nil { return "a server that somebody else runs cannot be scaled to zero" }
        }
        for name in environment.keys where name.isEmpty || name.contains("=") || name.utf8.contains(0) {
            return "'\(name)' is not a name of an environment variable"
        }
        guard (1...64).contains(replicas) else { return "replicas is a number from 1 to 64" }
        guard memory >= 0, readiness.deadline > 0, readiness.grace > 0, drainDeadline >= 0, restart.attempts > 0 else {
            return "sizes, deadlines and attempts are positive"
        }
        guard readiness.path.hasPrefix("/") else { return "readiness.path begins with '/'" }
        return nil
    }
}

extension Strategy {
    fileprivate var problem: String? {
        guard steps.count <= 64 else { return "at most 64 steps" }
        guard kind != .canary || !steps.isEmpty else { return "a canary needs at least one step" }
        var last = -1
        for step in steps {
            guard (0...TrafficRoute.whole).contains(step.weight), (0...TrafficRoute.whole).contains(step.shadow), step.minObserved >= 0 else {
                return "the weight and shadow of a step lie between 0 and 1, and its minObserved is not negative"
            }
            guard step.weight > last || step.weight == 0 else { return "the weights of steps only grow" }
            last = max(last, step.weight)
            if let approval = step.approval, !(1...10).contains(approval.quorum) { return "the quorum of an approval is a number from 1 to 10" }
            guard step.hooks.count <= 8, step.hooks.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) else {
                return "a step has at most 8 hooks, each an http or https address"
            }
        }
        let shares = [risk.rollbackAlpha, risk.guardAlpha, risk.promoteAlpha, risk.harmBudget]
        guard shares.allSatisfy({ $0 > 0 && $0 < 1 }) else { return "the shares under risk lie between 0 and 1" }
        guard risk.hardLimit > 0, risk.hardLimit <= 0.35 else { return "risk.hardLimit is at most 0.35" }
        guard (0...TrafficRoute.whole).contains(bake.holdback), bake.duration >= 0 else { return "bake.holdback lies between 0 and 1" }
        guard maxObserved > 0, staleAfter > 0, clearFor >= 0, pendingDeadline > 0 else {
            return "maxObserved, staleAfter and pendingDeadline are positive"
        }
        guard prepare.warmup >= 0, prepare.warmup <= 100_000 else { return "prepare.warmup is a number up to 100000" }
        for window in windows
        where window.days.isEmpty || !window.days.allSatisfy({ (1...7).contains($0) }) || !(0...1440).contains(window.from)
            || !(0...1440).contains(window.until) || window.from == window.until
        {
            return "a window has days from 1 (Monday) to 7 and two different times of the day"
        }
        return nil
    }
}
