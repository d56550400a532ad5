import Core
import Hub
import Release
import Synchronization

extension Conductor {
    nonisolated func noteChange() {
        isStale.withLock { $0 = true }
        bell.ring()
    }

    /// Reads the releases again where somebody changed one, and sorts in what came meanwhile.
    func catchUp() async {
        do {
            try refresh()
            health.succeed(.reading)
        } catch {
            fail(.reading, error)
        }
        sortReports()
        takeHookAnswers()
    }

    func refresh() throws {
        guard
            isStale.withLock({ stale in
                defer { stale = false }
                return stale
            })
        else { return }
        fitting = [:]
        do {
            let active = try hub.activeReleases()
            for facts in active where charges[facts.id] == nil { charges[facts.id] = try load(facts) }
            for facts in active where facts.generation >= charges[facts.id]?.facts.generation ?? 0 {
                charges[facts.id]?.take(facts, at: parts.clocks.steady())
            }
            let gone = Set(charges.keys).subtracting(active.map(\.id))
            for id in gone { charges[id] = nil }
            metrics.keep(active)
            line = active.map(\.id)
        } catch {
            isStale.withLock { $0 = true }
            throw error
        }
    }

    private func load(_ facts: ReleaseFacts) throws -> Charge {
        let now = parts.clocks.steady()
        guard let kept = try hub.loadAnalysis(facts.id) else {
            return Charge(facts, analysis: Analysis(facts.release.spec, at: now), stopwatch: Stopwatch(), newsBegins: now, isFirstTick: !hasBooted)
        }
        var analysis = kept.analysis
        analysis.restart(at: now)
        return Charge(facts, analysis: analysis, stopwatch: kept.stopwatch, newsBegins: now, isFirstTick: !hasBooted)
    }
}
