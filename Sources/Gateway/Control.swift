import Core
import Release
import Synchronization

/// What the gateway was told, behind one lock that requests never take: they read the snapshot
/// that is made of it.
struct Control {
    var routes: [EndpointName: TrafficRoute] = [:]
    var compiled: [EndpointName: EndpointRoute] = [:]
    var shared: [EndpointName: EndpointShared] = [:]
    var backends: [BackendID: Backend] = [:]
    var series = SeriesBook()
    var fields: [[UInt8]] = [Array("model".utf8)]
    var tenants: TenantTable
    var lanes = 0
    let hash: CohortHash

    mutating func backend(_ id: BackendID) -> Backend {
        if let known = backends[id] { return known }
        let made = Backend(id)
        backends[id] = made
        return made
    }

    mutating func endpoint(_ name: EndpointName) -> EndpointShared {
        if let known = shared[name] { return known }
        let made = EndpointShared(name, lanes: lanes)
        shared[name] = made
        return made
    }

    /// Makes the snapshot anew; only routes that are `touched` are compiled again, unless the list
    /// of body fields changed, whose numbers are compiled into all of them.
    mutating func compile(touched: (TrafficRoute) -> Bool) {
        var wanted: [[UInt8]] = [Array("model".utf8)]
        for route in routes.values.sorted(by: { $0.endpoint < $1.endpoint }) {
            for field in EndpointRoute.bodyFields(route) where !wanted.contains(Array(field.utf8)) { wanted.append(Array(field.utf8)) }
        }
        let isSame = wanted == fields
        fields = wanted
        for route in routes.values where !isSame || compiled[route.endpoint] == nil || touched(route) {
            compiled[route.endpoint] = make(route)
        }
        for name in compiled.keys where routes[name] == nil { compiled[name] = nil }
    }

    private mutating func make(_ route: TrafficRoute) -> EndpointRoute {
        let shared = endpoint(route.endpoint)
        for id in route.targets.map(\.backend) + (route.shadow.map { [$0.backend] } ?? []) { _ = backend(id) }
        let backends = self.backends
        var book = series
        let made = EndpointRoute(
            route, shared: shared, fields: fields, hash: hash, backend: { backends[$0] ?? Backend($0) }, series: { book.number($0) })
        series = book
        return made
    }

    /// Backends that nothing names and nobody uses, and endpoints that are gone, are forgotten.
    mutating func forget() {
        var named: Set<BackendID> = []
        for route in routes.values {
            for target in route.targets { named.insert(target.backend) }
            if let shadow = route.shadow { named.insert(shadow.backend) }
        }
        for (id, backend) in backends
        where !named.contains(id) && backend.replicas.isEmpty && backend.inFlight.load(ordering: .relaxed) == 0
            && backend.waiting.load(ordering: .relaxed) == 0
        {
            backends[id] = nil
        }
    }
}
