import Core
import Hub
import Logging
import Release

extension Conductor {
    func turn(_ id: ReleaseID, _ passage: ClockWatch.Passage, at now: Milliseconds) async {
        guard let release = charges[id]?.release, charges[id]?.waiting.isEmpty == true else { return }
        let turn = Turn(
            now: parts.clocks.wall(), steady: now, passage: passage, interval: rhythm.tick,
            mayBegin: release.phase == .pending && mayBegin(release))
        let events = charges[id]?.take(turn) ?? []
        for (index, event) in events.enumerated() {
            let decision = charges[id].flatMap { DecisionDraft(event, of: $0) }
            switch await store(event, of: id, decision: decision) {
            case .skipped: break
            case .done(let advance):
                if event.isTick, advance.commands.contains(where: \.isRoute) { metrics.decided(id, evidenceAt: charges[id]?.lastEvidence ?? now) }
                if decision != nil, advance.isChanged { await saveEvidence(of: id) }
            case .refused:
                // A tick is made anew the next time; what happened once must not be lost.
                charges[id]?.waiting += events[index...].filter { !$0.isTick }
                return
            }
        }
    }

    private func mayBegin(_ release: Release) -> Bool {
        let id = release.spec.id
        guard line.first(where: { $0.endpoint == id.endpoint }) == id else { return false }
        if let known = fitting[id] { return known }
        do {
            let fits = parts.memory.fits(
                try hub.backendOrder(release.spec.to), beside: try hub.wantedBackends(),
                leaving: release.spec.strategy.kind == .recreate ? release.spec.from : nil)
            fitting[id] = fits
            return fits
        } catch {
            parts.logger.warning("a release cannot begin", metadata: ["release": "\(id)", "error": "\(error)"])
            fitting[id] = false
            return false
        }
    }
}
