package import Core
import NIOCore
import Synchronization

extension Gateway {
    /// An older generation than the one in effect, and the same again, change nothing.
    package func apply(_ route: TrafficRoute) async throws {
        guard route.targets.allSatisfy({ $0.weight >= 0 }),
            route.targets.isEmpty || route.targets.reduce(0, { $0 + $1.weight }) == TrafficRoute.whole,
            Set(route.targets.map(\.variant)).count == route.targets.count
        else {
            throw HubError(
                .invalidRequest, "the route of '\(route.endpoint)' must have each variant once, with weights that add up to \(TrafficRoute.whole)")
        }
        change { control -> (Void, touched: (TrafficRoute) -> Bool)? in
            if let current = control.routes[route.endpoint], current.generation >= route.generation { return nil }
            control.routes[route.endpoint] = route
            let name = route.endpoint
            return ((), touched: { $0.endpoint == name })
        }
    }

    package func remove(_ endpoint: EndpointName) async throws {
        change { control -> (Void, touched: (TrafficRoute) -> Bool)? in
            guard control.routes.removeValue(forKey: endpoint) != nil else { return nil }
            return ((), touched: { _ in false })
        }
    }

    package func setReplicas(_ replicas: [ReplicaAddress], of backend: BackendID) async {
        let now = settings.steadyClock()
        let lanes = self.lanes
        let poolSize = settings.poolSize
        let gone = change { control -> ([Replica], touched: (TrafficRoute) -> Bool)? in
            let gone = control.backend(backend).replace(replicas, at: now) { Replica($0, lanes: lanes.count, poolSize: poolSize) }
            return (gone, touched: { $0.shadow?.backend == backend || $0.targets.contains { $0.backend == backend } })
        }
        for replica in gone ?? [] {
            for lane in lanes {
                lane.loop.execute {
                    while let idle = replica.pools[lane.index].take() { idle.close() }
                }
            }
        }
    }

    package func setTenants(_ tenants: [Tenant]) {
        let now = settings.wallClock()
        change { control -> (Void, touched: (TrafficRoute) -> Bool)? in
            control.tenants = TenantTable(tenants, earlier: control.tenants, at: now)
            return ((), touched: { _ in false })
        }
    }

    /// Requests that are with a backend's replicas; those that wait for one do not keep it from stopping.
    package func inFlight(of backend: BackendID) -> Int {
        guard let backend = control.withLock({ $0.backends[backend] }) else { return 0 }
        return max(0, backend.inFlight.load(ordering: .relaxed) - backend.waiting.load(ordering: .relaxed))
    }

    /// When a request for it came last, by the steady clock; nil: never.
    package func lastRequest(of backend: BackendID) -> Milliseconds? {
        let moment = control.withLock { $0.backends[backend]?.lastRequest.load(ordering: .relaxed) ?? .min }
        return moment == .min ? nil : moment / 1_000_000
    }

    /// What was seen since the last call, an item for each endpoint and release.
    package func takeReports() -> [TrafficReport] {
        let endpoints = control.withLock { control in
            control.shared.values.sorted { $0.name < $1.name }.map { ($0, control.routes[$0.name]) }
        }
        var reports: [TrafficReport] = []
        for (shared, route) in endpoints {
            var parts: [ReleaseID: TrafficReport] = [:]
            let generation = route?.generation ?? 0
            if let route {
                if let release = route.release {
                    parts[release] = TrafficReport(endpoint: shared.name, release: release, generation: generation)
                } else {
                    reports.append(TrafficReport(endpoint: shared.name, release: nil, generation: generation))
                }
            }
            for shard in shared.shards {
                for part in shard.report.withLock({ $0.take() }) {
                    guard let release = part.release else { continue }
                    var report = parts[release] ?? TrafficReport(endpoint: shared.name, release: release, generation: generation)
                    report.observations += part.observations
                    report.pairs += part.pairs
                    report.shadows += part.shadows
                    report.lost += part.lost
                    parts[release] = report
                }
            }
            for release in parts.keys.sorted() {
                guard var report = parts[release] else { continue }
                report.observations.sort { $0.at < $1.at }
                reports.append(report)
            }
        }
        // An endpoint that was removed is forgotten when nothing of it is left to tell.
        let told = Set(reports.map(\.endpoint))
        control.withLock { control in
            for name in control.shared.keys where control.routes[name] == nil && !told.contains(name) { control.shared[name] = nil }
        }
        return reports
    }

    package func takeUsage() -> [Usage] {
        var rows: [Meter.UsageKey: Usage] = [:]
        for lane in lanes {
            let taken = lane.meter.withLock { meter in
                let taken = meter.usage
                meter.usage = [:]
                return taken
            }
            rows.merge(taken) { first, second in
                var sum = first
                sum.requests += second.requests
                sum.failed += second.failed
                sum.inputTokens += second.inputTokens
                sum.outputTokens += second.outputTokens
                sum.milliseconds += second.milliseconds
                sum.bytesOut += second.bytesOut
                return sum
            }
        }
        return rows.sorted { ($0.key.tenant, $0.key.series) < ($1.key.tenant, $1.key.series) }.map(\.value)
    }
}
