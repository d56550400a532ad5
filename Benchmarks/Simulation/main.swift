import Glibc
import Release

// usage: simulate-table [RELEASES [SEED [PART OF A NAME]]]
// Every scenario of the table with so many releases (2,000), a line each, on all cores. Exits with 1 if a target is missed.

let arguments = CommandLine.arguments.dropFirst()
let releases = arguments.first.flatMap { Int($0) } ?? 2000
let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
let part = arguments.dropFirst(2).first ?? ""

func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
func percent(_ count: Int, _ all: Int) -> String { rounded(Double(count) * 100 / Double(max(all, 1))) + "%" }
func rounded(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

let clock = ContinuousClock()
let start = clock.now
var passed = 0
var failed = 0
for scenario in Scenario.table where part.isEmpty || scenario.name.contains(part) {
    let began = clock.now
    let result = Simulation(scenario: scenario, releases: releases, seed: seed).run()
    let failures = scenario.target.failures(of: result, slack: releases < 2000)
    if failures.isEmpty { passed += 1 } else { failed += 1 }
    let other = result.inconclusive + result.noData + result.other
    print(
        padded(failures.isEmpty ? "ok" : "FAIL", 5) + padded(result.name, 50)
            + " rolled back \(padded(percent(result.rolledBack, releases), 8)) promoted \(padded(percent(result.promoted, releases), 8))"
            + " other \(padded(percent(other, releases), 8)) median \(padded(rounded(result.rollbackMinutes.median), 7))/ "
            + "\(padded(rounded(result.promotionMinutes.median), 7)) min"
            + " failed P99 \(padded("\(Int(result.failed.p99))", 5)) \(rounded((clock.now - began) / .seconds(1))) s")
    for failure in failures { print("     \(failure)") }
}
print("\(passed) passed, \(failed) failed in \(rounded((clock.now - start) / .seconds(1)))s")
if failed > 0 || passed == 0 { exit(1) }
