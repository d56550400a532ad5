import Core
import Release
import Testing

/// Few releases of each scenario; the same table with 2,000 is checked by an optimised program.
/// A world that just meets its target fails here in less than one of 10,000 runs, and seeds are fixed.
@Suite("the decisions, in simulated worlds")
struct SimulationTests {
    @Test("every scenario meets its target", arguments: Scenario.table.indices)
    func table(i: Int) {
        let scenario = Scenario.table[i]
        let isLong = scenario.rate > 5 || scenario.unit == .session
        let result = Simulation(scenario: scenario, releases: isLong ? 12 : 30, seed: 1).run()
        #expect(scenario.target.failures(of: result, slack: true) == [], "\(scenario.name)")
    }

    @Test("the same seed gives the same result, another one another")
    func repeats() {
        let scenario = Scenario(name: "mine", rate: 5, stable: [0.01], candidate: [0.03])
        let results = [7, 7, 8].map { Simulation(scenario: scenario, releases: 60, seed: $0).run() }
        #expect(results[0].rolledBack == results[1].rolledBack && results[0].rollbackMinutes.median == results[1].rollbackMinutes.median)
        #expect(results[0].rollbackMinutes.median != results[2].rollbackMinutes.median)
        #expect(results[0].rolledBack + results[0].promoted + results[0].inconclusive + results[0].noData + results[0].other == 60)
    }

    @Test("a target that is missed is named")
    func missed() {
        let scenario = Scenario(name: "worse", rate: 5, stable: [0.01], candidate: [0.2])
        let result = Simulation(scenario: scenario, releases: 50, seed: 1).run()
        let target = Target(rolledBackAtMost: 0.01, promotedAtLeast: 0.9, medianMinutes: 0.1)
        #expect(target.failures(of: result).count == 3 && target.failures(of: result, slack: true).count == 3)
        #expect(Target(rolledBackAtLeast: 1).failures(of: result) == [])
    }
}

@Suite("estimates")
struct EstimateTests {
    @Test("at half a request a second an unchanged candidate needs about 85 minutes")
    func slow() throws {
        let estimates = Estimates(.sample(Strategy()), perSecond: 0.5, badRates: ["errors": 0.01])
        let minutes = try #require(estimates.untilBake) / 60_000
        #expect((50...110).contains(minutes))
        #expect(estimates.warnings == [] && estimates.metrics[0].metric == "errors")
        #expect(try #require(estimates.metrics[0].requests) > 1000)
    }

    @Test("with enough traffic the steps' own times decide")
    func fast() {
        #expect(Estimates(.sample(Strategy()), perSecond: 100, badRates: ["errors": 0.01]).untilBake.map { $0 / 60_000 } == 19)
    }

    @Test("what cannot decide in time, or ever, is said")
    func warns() {
        let quiet = Estimates(.sample(Strategy()), perSecond: 0.1, badRates: ["errors": 0.01])
        #expect(quiet.warnings.contains { $0.contains("maxObserved") })
        #expect(Estimates(.sample(Strategy()), perSecond: 0).warnings.first?.contains("no traffic") == true)
        let never = Estimates(
            .sample(
                .sample(steps: [.init(weight: 500), .init(weight: 2500)]),
                objectives: [
                    Objective(name: "errors"), Objective(name: "ttft", compare: .equalLoad), Objective(name: "quality", source: .pairedShadow)
                ]),
            perSecond: 50)
        #expect(never.warnings.contains { $0.contains("ttft") && $0.contains("equal load") })
        #expect(never.warnings.contains { $0.contains("quality") && $0.contains("shadow") })
    }
}
