package import Core

/// A backend and what it is made of, as a route needs it.
package struct ServedBackend: Hashable, Sendable {
    package var id: BackendID
    package var spec: BackendSpec
    package init(id: BackendID, spec: BackendSpec) {
        self.id = id
        self.spec = spec
    }
}

extension TrafficRoute {
    /// The route of an endpoint in this state; nothing else decides where traffic goes. Weights
    /// add up to 10,000. A candidate of weight 0 stays a target while it is warm, so that pins and
    /// match rules reach it. `stable` is what the endpoint's pointer names after the state's
    /// commands: after `moveStable` the candidate itself. Nil: no version has ever served.
    package static func render(
        _ spec: EndpointSpec, release: Release?, stable: ServedBackend?, candidate: ServedBackend?, generation: Int64
    ) -> TrafficRoute {
        let live = release.flatMap { $0.isCompared ? $0 : nil }
        var route = TrafficRoute(
            endpoint: spec.name, generation: generation, publicNames: spec.publicNames, wire: spec.wire, release: live?.spec.id,
            salt: live?.spec.id.description ?? "", assignment: spec.assignment, rules: spec.rules, targets: [], limits: spec.limits,
            objectives: live?.spec.objectives ?? spec.objectives, access: spec.access, servesAnyReady: spec.servesAnyReady,
            retriesOnStable: spec.retriesOnStable)
        guard let live, let candidate, candidate.id != stable?.id else {
            if let stable { route.targets = [RouteTarget(.stable, stable, weight: whole)] }
            return route
        }
        let weight = min(max(live.weights.candidate, 0), whole)
        guard let stable else {
            route.targets = [RouteTarget(.candidate, candidate, weight: whole)]
            return route
        }
        let slice = live.spec.strategy.hasControl ? ControlSlots(of: stable.spec.runtime.replicas) : nil
        let control = slice == nil ? 0 : min(max(live.weights.control, 0), whole - weight)
        route.targets = [RouteTarget(.stable, stable, weight: whole - weight - control, slots: control > 0 ? slice?.others : nil)]
        if let slice, control > 0 { route.targets.append(RouteTarget(.control, stable, weight: control, slots: slice.own)) }
        route.targets.append(RouteTarget(.candidate, candidate, weight: weight))
        if live.weights.shadow > 0 { route.shadow = ShadowRule(backend: candidate.id, ratio: min(live.weights.shadow, whole)) }
        return route
    }
}

extension Release {
    /// Its randomised traffic is being compared, and its candidate may be reached.
    package var isCompared: Bool { phase == .progressing || phase == .paused || phase == .baking }
}

/// The replica slots that stable keeps for the control: the last one, where there are two or more.
private struct ControlSlots {
    let own: [Int]
    let others: [Int]
    init?(of replicas: Int) {
        guard replicas > 1 else { return nil }
        own = [replicas - 1]
        others = Array(0..<replicas - 1)
    }
}

extension RouteTarget {
    fileprivate init(_ variant: Variant, _ backend: ServedBackend, weight: Int, slots: [Int]? = nil) {
        self.init(
            variant: variant, backend: backend.id, weight: weight, version: backend.spec.model.version, model: backend.spec.model.manifest,
            slots: slots)
    }
}
