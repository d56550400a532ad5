import Core
import Hub
import Logging
import Release

extension Conductor {
    private static let page = 256

    /// Empties the outbox, in order for each release. An item is settled after its effect: a crash
    /// between them repeats the effect, which is harmless.
    func deliver() async {
        guard isInControl, parts.clocks.steady() >= retryAt else { return }
        do {
            while try await deliverPage() {}
            health.succeed(.outbox)
        } catch {
            fail(.outbox, error)
        }
    }

    /// Whether something was settled, so that another look is worth it.
    private func deliverPage() async throws -> Bool {
        let now = parts.clocks.steady()
        held = held.filter { $0.value > now }
        // What must wait for an earlier item: the rest of a release, or of an endpoint's settings.
        var blocked = Set(held.keys)
        var settled: [Int64] = []
        for item in try hub.outbox(limit: Self.page) {
            let lane = item.release.map(\.description) ?? "\(item.endpoint)/"
            guard !blocked.contains(lane) else { continue }
            do {
                if try await carryOut(item) { settled.append(item.id) } else { blocked.insert(lane) }
            } catch is StoreFailure {
                // Done, and not known to be: it is done again, which is harmless.
                blocked.insert(lane)
            } catch {
                parts.logger.warning(
                    "a command failed and will be tried again",
                    metadata: ["endpoint": "\(item.endpoint)", "command": "\(item.work.name)", "error": "\(error)"])
                let delay = Backoff.delay(item.attempts)
                held[lane] = now + delay
                blocked.insert(lane)
                try await hub.postpone(
                    item.id, error: "\(error)", until: Instant(milliseconds: parts.clocks.wall().milliseconds + delay))
            }
        }
        if settled.isEmpty { return false }
        try await hub.settle(settled)
        for id in settled { drains[id] = nil }
        return true
    }

    /// What preparing asked for is not wanted any more once the release is in another phase.
    private func isPast(_ item: OutboxItem) -> Bool {
        guard let release = item.release else { return false }
        let phase = charges[release]?.release.phase
        return switch item.work {
        case .clear, .prepare: phase != .preparing
        case .drain: phase == nil
        case .route, .remove, .start, .stop: false
        }
    }

    /// False where its end is still to come.
    private func carryOut(_ item: OutboxItem) async throws -> Bool {
        if isPast(item) { return true }
        if let watch = drains[item.id] { return watch.isOver && isStored(item.release) }
        switch item.work {
        case .route(let route):
            try await parts.traffic.apply(route)
            // Changed settings made a route of their own, which a release under way must know of too.
            guard let release = item.release ?? line.last(where: { $0.endpoint == item.endpoint && charges[$0]?.release.isRouted == true }) else {
                return true
            }
            metrics.routeApplied(release, at: parts.clocks.steady())
            if case .refused = await store(.routeApplied(generation: route.generation), of: release) { throw StoreFailure() }
        case .remove(let endpoint): try await parts.traffic.remove(endpoint)
        case .prepare(let order), .start(let order): await parts.replicas.start(order)
        case .clear(let backend, let deadline):
            await parts.replicas.drain(backend, deadline: deadline)
            return wait(for: item, backend, deadline + Self.driverGrace, isOurs: false)
        case .drain(let backend, let deadline, let keepsRunning):
            if !keepsRunning { await parts.replicas.drain(backend, deadline: deadline) }
            return wait(for: item, backend, keepsRunning ? deadline : deadline + Self.driverGrace, isOurs: keepsRunning)
        case .stop(let backend):
            // A newer release may want it again by now.
            if try !hub.wantedBackends().contains(where: { $0.backend == backend }) { await parts.replicas.stop(backend) }
        }
        return true
    }

    /// Nothing that happened to the release is still to be stored.
    private func isStored(_ release: ReleaseID?) -> Bool { release.flatMap { charges[$0]?.waiting.isEmpty } ?? true }
}

/// The event of a carried-out command could not be stored; `store` has noted why.
struct StoreFailure: Error, CustomStringConvertible {
    var description: String { "the outcome of a command could not be stored" }
}

enum Backoff {
    /// Before the next attempt, after so many: a quarter of a second, doubling, at most five minutes.
    static func delay(_ attempts: Int) -> Milliseconds { min(250 << Milliseconds(min(max(attempts, 0), 12)), 300_000) }
}

extension OutboxItem.Work {
    /// For the log.
    var name: String {
        switch self {
        case .route: "route"
        case .remove: "remove"
        case .prepare: "prepare"
        case .clear: "clear"
        case .start: "start"
        case .drain: "drain"
        case .stop: "stop"
        }
    }
}
