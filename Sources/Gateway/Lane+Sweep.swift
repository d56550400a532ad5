import Core
import NIOCore
import Synchronization

extension Lane {
    private static let interval = TimeAmount.milliseconds(100)

    /// Ten times a second: whoever waits too long is answered, whoever idles too long is closed.
    /// One task for the loop costs less than one for each request. (Held strongly: a weak reference
    /// would make every use of the lane slower. It ends when the gateway stops.)
    func beginSweeping() {
        sweeper = loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { [self] _ in sweep() }
    }

    private func sweep() {
        tick()
        sweeps &+= 1
        // A client that is closed here leaves the list, and the last one takes its place.
        var index = clients.count - 1
        while index >= 0 {
            if index < clients.count { clients[index].sweep(at: now) }
            index -= 1
        }
        for call in Array(shadows.values) { call.sweep(at: now) }
        if self.index == 0 { sampleLoad() }
        if sweeps % 10 == 0 { evict() }
    }

    private func sampleLoad() {
        for route in routes().routes.all where route.route.release != nil || route.shared.isLoadEqual.load(ordering: .relaxed) {
            route.shared.sample(route, at: now)
        }
    }

    private func evict() {
        let moment = now - settings.poolIdleTimeout * 1_000_000
        for route in routes().routes.all {
            for side in route.sides { for replica in side.replicas { replica.pools[index].evict(before: moment) } }
            for replica in route.shadow?.replicas ?? [] { replica.pools[index].evict(before: moment) }
        }
        if index == 0 {
            // Places may have become free by time alone: an ejection is over.
            for route in routes().routes.all {
                for side in route.sides where side.backend.waiting.load(ordering: .relaxed) > 0 { side.backend.serveWaiters(at: now) }
            }
        }
    }

    func beginStopping() {
        isStopping = true
        tick()
        for client in clients where client.exchange.isIdle && client.inbound.readableBytes == 0 && !client.isLingering { client.close() }
    }

    /// Whoever is left is cut off.
    func cutAll() {
        isStopping = true
        tick()
        sweeper?.cancel()
        sweeper = nil
        for call in Array(shadows.values) { call.fail() }
        for client in clients { client.close() }
        for route in routes().routes.all {
            for replica in route.sides.flatMap(\.replicas) + (route.shadow?.replicas ?? []) {
                while let idle = replica.pools[index].take() { idle.close() }
            }
        }
    }
}
