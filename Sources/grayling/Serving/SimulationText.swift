import API
import Core
import Release
import Synchronization

/// What a simulation found, for programs.
struct SimulationAnswer: Encodable {
    let name: String
    let releases: Int
    let rolledBack: Int
    let promoted: Int
    let inconclusive: Int
    let noData: Int
    let other: Int
    let rollbackMinutes: Spread
    let promotionMinutes: Spread
    /// Bad requests of the candidate until its weight was 0.
    let failed: Spread
    /// Targets that were missed; absent where there are none to meet.
    let failures: [String]?

    struct Spread: Encodable {
        let median: Double
        let p99: Double
        init(_ spread: SimulationResult.Spread) {
            median = spread.median
            p99 = spread.p99
        }
    }

    init(_ result: SimulationResult, failures: [String]?) {
        name = result.name
        releases = result.releases
        rolledBack = result.rolledBack
        promoted = result.promoted
        inconclusive = result.inconclusive
        noData = result.noData
        other = result.other
        rollbackMinutes = Spread(result.rollbackMinutes)
        promotionMinutes = Spread(result.promotionMinutes)
        failed = Spread(result.failed)
        self.failures = failures
    }
}

/// For people.
enum SimulationText {
    static func story(_ result: SimulationResult, _ scenario: Scenario) -> [String] {
        let rates = zip(scenario.objectives, zip(scenario.stable, scenario.candidate)).map { objective, shares in
            "\(objective.name) \(EvidenceText.decimal(shares.0 * 100)) % -> \(EvidenceText.decimal(shares.1 * 100)) %"
        }
        var lines = [
            "\(result.releases) releases at \(EvidenceText.decimal(scenario.rate)) requests per second, bad: \(rates.joined(separator: ", "))",
            "  promoted      \(share(result.promoted, result)) \(minutes(result.promotionMinutes, result.promoted))",
            "  rolled back   \(share(result.rolledBack, result)) \(minutes(result.rollbackMinutes, result.rolledBack))",
            "  inconclusive  \(share(result.inconclusive, result))"
        ]
        if result.noData + result.other > 0 { lines.append("  other         \(share(result.noData + result.other, result))") }
        if result.rolledBack > 0 {
            lines.append(
                "  bad requests of the candidate until it was stopped: median \(EvidenceText.decimal(result.failed.median)), 99 % of releases at most \(EvidenceText.decimal(result.failed.p99))"
            )
        }
        return lines
    }

    static func row(_ result: SimulationResult, isFine: Bool) -> String {
        let name = result.name + String(repeating: " ", count: max(0, 48 - result.name.count))
        return
            "\(isFine ? "ok    " : "MISSED") \(name) rolled back \(share(result.rolledBack, result)), promoted \(share(result.promoted, result)), other \(share(result.inconclusive + result.noData + result.other, result))"
    }

    private static func share(_ count: Int, _ result: SimulationResult) -> String {
        let text = "\(EvidenceText.decimal(Double(count) * 100 / Double(max(1, result.releases)))) %"
        return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }

    private static func minutes(_ spread: SimulationResult.Spread, _ count: Int) -> String {
        guard count > 0 else { return "" }
        func words(_ minutes: Double) -> String { Units.reading(Milliseconds(minutes * 60_000)) }
        return "after \(words(spread.median)) (median), \(words(spread.p99)) (99 %)"
    }
}

/// Runs a simulation off the command's own task, with a bar on a terminal.
enum SimulationProgress {
    static func run(_ simulation: Simulation, title: String, _ output: OutputOptions) async -> SimulationResult {
        let shows = output.showsProgress && Terminal.isInteractive
        let last = Mutex(-1)
        let result = await Task.detached {
            simulation.run { done in
                guard shows else { return }
                let percent = done * 100 / max(1, simulation.releases)
                last.withLock { last in
                    guard percent > last else { return }
                    last = percent
                    Terminal.write("\r\u{1B}[K\(title) [\(EvidenceText.bar(Double(percent) / 100, width: 24))] \(percent) %", to: 2)
                }
            }
        }.value
        if shows { Terminal.write("\r\u{1B}[K", to: 2) }
        return result
    }
}
