import Core
import Release
import Synchronization

/// What the conductor counts, for `/metrics`: section 8 of the design. Labels are names of
/// endpoints, releases of them that are under way, and words of closed lists.
package final class ReleaseMetrics: Sendable {
    struct Transition: Hashable, Comparable {
        var endpoint: EndpointName
        var from: Release.Phase
        var to: Release.Phase
        var reason: String
        static func < (a: Transition, b: Transition) -> Bool {
            (a.endpoint, a.from.rawValue, a.to.rawValue, a.reason) < (b.endpoint, b.from.rawValue, b.to.rawValue, b.reason)
        }
    }
    struct Span {
        var seconds = 0.0
        var count: Int64 = 0
    }
    struct State {
        var active: [ReleaseID: ReleaseFacts] = [:]
        var summaries: [ReleaseID: [MetricSummary]] = [:]
        var transitions: [Transition: Int64] = [:]
        var durations: [String: Span] = [:]
        var paused: [String: Double] = [:]
        var lost: Int64 = 0
        /// When the evidence came that a route is on its way for.
        var decided: [ReleaseID: Milliseconds] = [:]
        var lag: Span = Span()
    }
    private let state = Mutex(State())

    func keep(_ active: [ReleaseFacts]) {
        state.withLock { state in
            state.active = Dictionary(active.map { ($0.id, $0) }, uniquingKeysWith: { _, new in new })
            state.summaries = state.summaries.filter { state.active[$0.key] != nil }
            state.decided = state.decided.filter { state.active[$0.key] != nil }
        }
    }

    func note(_ before: ReleaseFacts, _ after: ReleaseFacts) {
        guard before.release != after.release else { return }
        state.withLock { state in
            state.active[after.id] = after.phase.isTerminal ? nil : after
            guard before.phase != after.phase else { return }
            let reason = after.release.outcome?.code ?? after.release.pauses.first?.rawValue ?? ""
            state.transitions[Transition(endpoint: after.id.endpoint, from: before.phase, to: after.phase, reason: reason), default: 0] += 1
            let seconds = { (a: Instant, b: Instant) in Double(max(0, b.milliseconds - a.milliseconds)) / 1000 }
            if before.phase == .paused {
                for pause in before.release.pauses { state.paused[pause.rawValue, default: 0] += seconds(before.updated, after.updated) }
            }
            if after.phase.isTerminal {
                state.durations[after.phase.rawValue, default: Span()].seconds += seconds(after.created, after.updated)
                state.durations[after.phase.rawValue, default: Span()].count += 1
            }
        }
    }

    func decided(_ id: ReleaseID, evidenceAt: Milliseconds) { state.withLock { $0.decided[id] = evidenceAt } }

    func routeApplied(_ id: ReleaseID, at now: Milliseconds) {
        state.withLock { state in
            guard let began = state.decided.removeValue(forKey: id) else { return }
            state.lag.seconds += Double(max(0, now - began)) / 1000
            state.lag.count += 1
        }
    }

    func lost(_ count: Int, of id: ReleaseID) { state.withLock { $0.lost += Int64(count) } }

    func set(_ summaries: [ReleaseID: [MetricSummary]]) { state.withLock { $0.summaries = summaries } }

    package func render() -> String { ReleaseText(state.withLock { $0 }).text }
}
