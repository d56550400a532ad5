import Core
import Hub
import Logging
import Release

extension Conductor {
    /// What the gateway saw goes to the release that it was assigned by; what belongs to none is
    /// only counted by the gateway itself.
    func takeReports(at now: Milliseconds) {
        for report in parts.takeReports() {
            guard let id = report.release else { continue }
            charges[id]?.add(report, at: now)
            if report.lost > 0 { metrics.lost(report.lost, of: id) }
        }
    }

    /// Turns what the replica driver said into events of the releases it concerns.
    func sortReports() {
        for report in desk.take() {
            switch report {
            case .serving: break
            case .ready(let backend): add(.replicasReady, toPreparing: backend)
            case .warmed(let backend): add(.warmupPassed, toPreparing: backend)
            case .checked(let backend): add(.goldenPassed, toPreparing: backend)
            case .failed(let backend, let failure, let message): add(Event(failure, message), toPreparing: backend)
            case .drained(let backend, let atDeadline): drained(backend, atDeadline: atDeadline, isOurs: false)
            case .unhealthy(let backend, let message):
                parts.logger.warning("no replica of a backend is ready", metadata: ["backend": "\(backend.short)", "reason": "\(message)"])
                for id in charges.keys where charges[id]?.release.spec.to == backend && charges[id]?.release.isCompared == true {
                    charges[id]?.waiting.append(.candidateUnhealthy(message))
                }
            }
        }
    }

    private func add(_ event: Event, toPreparing backend: BackendID) {
        for id in charges.keys where charges[id]?.release.spec.to == backend && charges[id]?.release.phase == .preparing {
            charges[id]?.waiting.append(event)
        }
    }
}

extension Event {
    init(_ failure: ReplicaReport.PrepareFailure, _ message: String) {
        self =
            switch failure {
            case .digestMismatch: .digestMismatch(message)
            case .startFailed: .startFailed(message)
            case .outOfMemory: .startFailed("out of memory: \(message)")
            case .readyDeadline: .readyDeadline
            case .warmupFailed: .warmupFailed(message)
            case .goldenFailed: .goldenFailed(message)
            }
    }

    var isTick: Bool {
        if case .tick = self { true } else { false }
    }
}

extension Command {
    var isRoute: Bool {
        if case .route = self { true } else { false }
    }
}
