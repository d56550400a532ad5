import API
import Core
import Hub
import Release

extension ReleaseEventInfo {
    init(_ facts: ReleaseEventFacts) {
        self.init(
            sequence: facts.sequence, at: facts.at.description, actor: facts.actor, event: facts.event.name, detail: facts.event.detail,
            phaseBefore: facts.phaseBefore.rawValue, phase: facts.phase.rawValue, step: facts.step, generation: facts.generation,
            commands: facts.commands.map(\.line), hash: facts.hash.description)
    }
}

extension Event {
    /// For people.
    var detail: String {
        switch self {
        case .submitted(let isWarm): isWarm ? "its version is warm" : ""
        // A tick that only begins something has found nothing.
        case .tick(let tick) where tick.finding.verdict == .inconclusive && tick.finding.explanation.isEmpty: ""
        case .tick(let tick):
            [tick.finding.verdict.rawValue, tick.finding.culprit ?? "", tick.finding.explanation].filter { !$0.isEmpty }.joined(separator: ": ")
        case .digestMismatch(let text), .startFailed(let text), .warmupFailed(let text), .goldenFailed(let text), .candidateUnhealthy(let text):
            text
        case .pause(let reason), .resume(let reason), .reject(let reason), .promote(let reason), .abort(let reason): reason
        case .routeApplied(let generation): "route \(generation)"
        case .approve(let approval): approval.comment.isEmpty ? "by \(approval.actor)" : "by \(approval.actor): \(approval.comment)"
        case .superseded(let newer): "by \(newer)"
        case .clockJumped(let seconds): "by \(seconds) s"
        case .replicasReady, .warmupPassed, .goldenPassed, .readyDeadline, .pendingDeadline, .drainDone, .drainDeadline, .controllerStarted: ""
        }
    }
}

extension Command {
    /// Such as `route candidate 500 control 0 shadow 0`.
    var line: String {
        switch self {
        case .prepareCandidate: "prepare candidate"
        case .route(let weights): "route candidate \(weights.candidate) control \(weights.control) shadow \(weights.shadow)"
        case .clearStable: "clear stable"
        case .restoreStable: "restore stable"
        case .moveStable: "move stable"
        case .drain(let side): "drain \(side.rawValue)"
        case .stop(let side): "stop \(side.rawValue)"
        case .releaseBlobs: "release blobs"
        case .notify(let notice): notice.reason.isEmpty ? "notify \(notice.event)" : "notify \(notice.event) (\(notice.reason))"
        }
    }
}
