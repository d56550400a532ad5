import Core

extension ReleaseSpec {
    /// The release of a scenario: nothing about it but its strategy and objectives matters.
    static func pretended(_ scenario: Scenario, _ draw: inout Draw) -> ReleaseSpec {
        var strategy = scenario.strategy
        if case .drift = scenario.twist {
            strategy.steps = (0..<6).map { _ in Strategy.Step(weight: 300 + draw.below(4700), minObserved: 180_000) }
            strategy.steps.append(Strategy.Step(weight: 5000, minObserved: 600_000))
        }
        return ReleaseSpec(
            id: ReleaseID(endpoint: .pretended, number: 1), from: BackendID(.pretended(0)), to: BackendID(.pretended(1)),
            lock: .pretended(2), strategy: strategy, objectives: scenario.objectives, unit: scenario.unit, submittedBy: "simulation")
    }
}

extension EndpointName {
    fileprivate static var pretended: EndpointName {
        guard let name = try? EndpointName(parsing: "simulation") else { preconditionFailure("'simulation' is a valid name") }
        return name
    }
}

extension Digest {
    fileprivate static func pretended(_ number: UInt8) -> Digest { Digest(bytes: [UInt8](repeating: number, count: 32)) }
}
