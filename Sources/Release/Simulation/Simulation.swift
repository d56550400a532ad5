import Dispatch
import Synchronization

/// Many releases of one scenario. The same seed gives the same result, however many cores work on it.
package struct Simulation: Sendable {
    package let scenario: Scenario
    package let releases: Int
    package let seed: UInt64

    package init(scenario: Scenario, releases: Int, seed: UInt64) {
        self.scenario = scenario
        self.releases = releases
        self.seed = seed
    }

    /// Runs them on all cores. `progress` hears now and then how many are done.
    package func run(progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }) -> SimulationResult {
        let size = 25
        let blocks = (releases + size - 1) / size
        let found = Mutex<(endings: [Int: [Ending]], done: Int)>(([:], 0))
        DispatchQueue.concurrentPerform(iterations: blocks) { block in
            let range = block * size..<min(releases, (block + 1) * size)
            let endings = range.map { number in
                var course = Course(scenario, seed: seed, number: UInt64(number))
                return course.run()
            }
            let done = found.withLock { found in
                found.endings[block] = endings
                found.done += endings.count
                return found.done
            }
            progress(done)
        }
        let endings = found.withLock { found in (0..<blocks).flatMap { found.endings[$0] ?? [] } }
        return SimulationResult(scenario, endings)
    }
}

/// What became of them.
package struct SimulationResult: Sendable {
    package let name: String
    package let releases: Int
    package let rolledBack: Int
    package let promoted: Int
    package let inconclusive: Int
    package let noData: Int
    package let other: Int
    /// Minutes of observed traffic until the rollback was decided.
    package let rollbackMinutes: Spread
    /// Minutes until it succeeded, bake included.
    package let promotionMinutes: Spread
    /// Failed requests of the candidate until its weight was 0, of the releases rolled back.
    package let failed: Spread

    package struct Spread: Sendable {
        package let median: Double
        package let p99: Double
        init(_ values: [Double]) {
            let sorted = values.sorted()
            median = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
            p99 = sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int((Double(sorted.count) * 0.99).rounded(.up)) - 1)]
        }
    }

    init(_ scenario: Scenario, _ endings: [Ending]) {
        func count(_ kind: Ending.Kind) -> Int { endings.count { $0.kind == kind } }
        name = scenario.name
        releases = endings.count
        rolledBack = count(.rolledBack)
        promoted = count(.promoted)
        inconclusive = count(.inconclusive)
        noData = count(.noData)
        other = count(.other)
        rollbackMinutes = Spread(endings.filter { $0.kind == .rolledBack }.map { $0.seconds / 60 })
        promotionMinutes = Spread(endings.filter { $0.kind == .promoted }.map { $0.seconds / 60 })
        failed = Spread(endings.filter { $0.kind == .rolledBack }.map { Double($0.failed) })
    }
}
