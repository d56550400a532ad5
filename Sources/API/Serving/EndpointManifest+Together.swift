import Core
import Release

extension EndpointManifest {
    /// What only shows when the parts are seen together: nothing that cannot be honoured may pass.
    static func check(_ manifest: inout EndpointManifest, document: YAMLMap, spec map: YAMLMap) throws(HubError) {
        let strategy = manifest.strategy
        let release = try document.optional("release")?.map ?? document
        let objectives = manifest.spec.objectives.filter { !$0.isReportOnly }
        if objectives.contains(where: { $0.source == .pairedShadow }) {
            guard strategy.steps.contains(where: { $0.shadow > 0 }) else {
                throw map.at(
                    "objectives",
                    "an objective of paired-shadow compares answers to the same request, and no step has 'shadow': add one, such as {shadow: 0.10, minObserved: 5m}"
                )
            }
        }
        if strategy.kind == .canary, objectives.contains(where: { $0.compare == .equalLoad }) {
            guard strategy.hasControl || strategy.steps.contains(where: { $0.weight == 5000 }) else {
                throw map.at(
                    "objectives",
                    "compare: equal-load counts only while both sides carry the same load: add a step of weight 0.5, or 'control: true' with two replicas"
                )
            }
        }
        if strategy.hasControl {
            guard strategy.kind == .canary else {
                throw release.at("control", "'control' compares two equal slices of a canary; strategy: \(strategy.kind.rawValue) has none")
            }
            guard manifest.runtime.replicas >= 2 else {
                throw release.at("control", "control: true needs at least 2 replicas: one of stable's becomes control's own")
            }
            guard strategy.steps.allSatisfy({ $0.weight <= 5000 }) else {
                throw release.at("control", "control: true gives stable's slice the candidate's weight: no step may exceed 0.5")
            }
        }
        let least = strategy.steps.reduce(Int64(0)) { $0 + $1.minObserved }
        guard least <= strategy.maxObserved else {
            throw release.at(
                release.has("maxObserved") ? "maxObserved" : "steps",
                "the steps alone take \(Units.reading(least)), and maxObserved is \(Units.duration(strategy.maxObserved)): raise maxObserved or shorten them"
            )
        }
        if let header = manifest.spec.assignment.pinHeader, manifest.spec.assignment.keys.contains(.header(header)) {
            throw map.at("assignment", "the header \(header) cannot both pin a request and say whose it is")
        }
        if strategy.kind == .recreate, manifest.runtime.scaleToZero != nil {
            throw map.at("runtime", "strategy: recreate holds requests while it starts, and scaleToZero would stop what it started; use one of them")
        }
        manifest.warnings = warnings(manifest)
    }

    private static func warnings(_ manifest: EndpointManifest) -> [String] {
        var found: [String] = []
        let strategy = manifest.strategy
        if let accelerator = manifest.accelerator, accelerator.count > 0 {
            found.append(
                "resources.accelerator is shown and not enforced: local processes are given no accelerator of their own and share what this machine has"
            )
        }
        if case .process = manifest.runtime.kind, manifest.runtime.memory == 0 {
            found.append("resources.memory is not stated: whether both versions fit beside each other cannot be known")
        }
        if strategy.prepare.checks.isEmpty && manifest.golden == nil {
            found.append("no golden checks: a version that answers nonsense with status 200 meets users before anything notices")
        }
        if strategy.hasControl == false, manifest.spec.objectives.contains(where: { $0.compare == .equalLoad }) {
            found.append("compare: equal-load without 'control: true' counts at the step of 50 % only")
        }
        if manifest.spec.assignment.keys.isEmpty {
            found.append("no assignment key: each request is drawn by itself, so one user may see both versions in turn")
        }
        if strategy.bake.duration == 0 { found.append("bake.duration is 0: the old version is let go as soon as the last step passes") }
        return found
    }
}
