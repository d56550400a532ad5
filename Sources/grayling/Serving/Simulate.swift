import API
import ArgumentParser
import Core
import Foundation
import Release

struct Simulate: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Say how long a release would take at your traffic, and how often it would be wrong.",
        discussion: """
            Runs many releases of the same rules that decide real ones, over made-up traffic on a clock of its own. Needs no \
            server. Ask first with both versions alike (how long until it is promoted, how often is it rolled back for nothing?), \
            then with a candidate as bad as you must not miss.

              grayling simulate --rate 5 --base 0.01
              grayling simulate --rate 5 --base 0.01 --candidate 0.05
              grayling simulate -f deploy.yaml --rate 0.5 --base 0.01 --base 0.04
              grayling simulate --table                (the table that the rules are held to)
              grayling simulate --table --check        (exit status 1 where a target is missed)

            A manifest brings its steps, risks and objectives; approvals, hooks and windows take no time here, and --base and \
            --candidate are given in the order of its objectives of requests, the last counting for the rest.
            """)

    @Option(name: .long, help: ArgumentHelp("Requests per second.", valueName: "number"))
    var rate: Double?

    @Option(name: .long, help: ArgumentHelp("Share of requests that is bad with the stable version, such as 0.01.", valueName: "share"))
    var base: [Double] = []

    @Option(name: .long, help: ArgumentHelp("The same with the candidate (default: as stable).", valueName: "share"))
    var candidate: [Double] = []

    @Option(
        name: [.customShort("f"), .customLong("manifest")], help: ArgumentHelp("Take steps, risks and objectives from here.", valueName: "manifest"),
        completion: .file())
    var manifest: String?

    @Option(name: .long, help: ArgumentHelp("Which endpoint, where the manifest holds several.", valueName: "name"))
    var endpoint: String?

    @Flag(name: .long, help: "Run the published scenarios instead.")
    var table = false

    @Flag(name: .long, help: "With --table: exit status 1 where a target is missed.")
    var check = false

    @Option(name: .long, help: ArgumentHelp("Only scenarios whose name contains this.", valueName: "text"))
    var match: String?

    @Option(name: .long, help: "How many releases (default 1000; 200 of each with --table).")
    var releases: Int?

    @Option(name: .long, help: "The same seed gives the same numbers.")
    var seed: UInt64 = 1

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard table || rate != nil else { throw ValidationError("say how much traffic there is: --rate 5, or see --table") }
        guard !table || (rate == nil && base.isEmpty && candidate.isEmpty && manifest == nil) else {
            throw ValidationError("--table brings its own traffic; leave --rate, --base, --candidate and --manifest out")
        }
        guard table || (!check && match == nil) else { throw ValidationError("--check and --match belong to --table") }
        guard rate.map({ $0 > 0 && $0 <= 100_000 }) ?? true else { throw ValidationError("--rate must be above 0 and at most 100000") }
        guard (base + candidate).allSatisfy({ (0...1).contains($0) }) else { throw ValidationError("--base and --candidate are shares from 0 to 1") }
        guard (1...1_000_000).contains(releases ?? 1) else { throw ValidationError("--releases must be 1 to 1000000") }
    }

    func run() async throws {
        if table { return try await runTable() }
        let scenario = try scenario()
        let outcome = await SimulationProgress.run(
            Simulation(scenario: scenario, releases: releases ?? 1000, seed: seed), title: "simulating", output)
        if output.json { return try Terminal.json(SimulationAnswer(outcome, failures: nil)) }
        for line in SimulationText.story(outcome, scenario) { Terminal.line(line) }
    }

    private func runTable() async throws {
        let chosen = Scenario.table.filter { match == nil || $0.name.contains(match ?? "") }
        guard !chosen.isEmpty else { throw HubError(.invalidRequest, "no scenario's name contains '\(FilePath.printable(match ?? ""))'") }
        var missed = 0
        for scenario in chosen {
            let outcome = await SimulationProgress.run(
                Simulation(scenario: scenario, releases: releases ?? 200, seed: seed), title: scenario.name, output)
            // Few releases meet a target less exactly than many.
            let failures = scenario.target.failures(of: outcome, slack: outcome.releases < 2000)
            if !failures.isEmpty { missed += 1 }
            if output.json {
                try Terminal.json(SimulationAnswer(outcome, failures: failures))
            } else {
                Terminal.line(SimulationText.row(outcome, isFine: failures.isEmpty))
                for failure in failures { Terminal.line("       \(failure)") }
            }
        }
        guard !check || missed == 0 else {
            if output.showsProgress { Terminal.note("grayling: \(missed) of \(chosen.count) scenarios missed their target") }
            throw ExitCode(1)
        }
    }

    private func scenario() throws -> Scenario {
        var (strategy, objectives) = (Strategy(), [Objective(name: "errors")])
        if let manifest {
            let read = try ManifestOptions.read(manifest, endpoint: endpoint).manifest
            guard read.strategy.kind == .canary || read.strategy.kind == .blueGreen else {
                throw HubError(
                    .invalidRequest,
                    "strategy: \(read.strategy.kind.rawValue) compares nothing in live traffic; only canary and blueGreen are simulated")
            }
            (strategy, objectives) = (read.strategy.withoutPeople, read.spec.objectives.filter { $0.source == .requests })
            if objectives.count < read.spec.objectives.count, output.showsProgress {
                Terminal.note("objectives of paired-shadow are left out: their answers cannot be made up from a rate")
            }
            guard !objectives.isEmpty else {
                throw HubError(.invalidRequest, "the manifest has no objective of requests, and only those are simulated here")
            }
        }
        let stable = spread(base.isEmpty ? [0.01] : base, over: objectives.count)
        return Scenario(
            name: manifest ?? "your traffic", rate: rate ?? 1, strategy: strategy, objectives: objectives, stable: stable,
            candidate: candidate.isEmpty ? stable : spread(candidate, over: objectives.count))
    }

    private func spread(_ shares: [Double], over count: Int) -> [Double] {
        (0..<count).map { $0 < shares.count ? shares[$0] : shares[shares.count - 1] }
    }
}

extension Strategy {
    /// Without what waits for somebody: the time that people take is not simulated.
    fileprivate var withoutPeople: Strategy {
        var strategy = self
        strategy.windows = []
        strategy.steps = steps.map { step in
            var step = step
            step.approval = nil
            step.hooks = []
            return step
        }
        return strategy
    }
}
