import Catalog
package import Core
package import Release

extension Hub {
    /// Which version served at some time, since which release, decided by what evidence, approved by
    /// whom, and published from what. Nil: now.
    package func why(_ name: EndpointName, at moment: Instant?, for who: Principal) throws -> WhyFacts {
        let moment = moment ?? clock()
        return try catalog.read { rows in
            let endpoint = try rows.endpoint(name, for: who, to: .read, orDeleted: true)
            let route = try rows.route(of: endpoint.id, at: moment)
            let targets = (route?.route.targets ?? []).sorted { ($0.weight, $1.variant.rawValue) > ($1.weight, $0.variant.rawValue) }
            return WhyFacts(
                endpoint: name, at: moment, route: route,
                served: try targets.filter { $0.weight > 0 }.map { try rows.served($0, by: endpoint, at: moment, for: who) },
                underWay: try rows.releaseUnderWay(of: endpoint.id, at: moment).map { try rows.facts($0) })
        }
    }
}

extension Snapshot {
    fileprivate func served(_ target: RouteTarget, by endpoint: EndpointRow, at moment: Instant, for who: Principal) throws -> WhyFacts.Served {
        guard let backend = try backendRow(target.backend) else { throw HubError(.storageDamaged, "a route names a backend that is not here") }
        let since = try releaseThatBrought(backend.id, to: endpoint.id, at: moment)
        let id = since?.release.spec.id
        return WhyFacts.Served(
            variant: target.variant, weight: target.weight, backend: backend.label, since: try since.map { try facts($0) },
            decisions: try since.flatMap { row in try id.map { try decisions(of: row.id, id: $0, after: 0, limit: .max).filter { $0.at <= moment } } }
                ?? [],
            approvals: try since.flatMap { row in try id.map { try approvals(of: row.id, id: $0).filter { $0.at <= moment } } } ?? [],
            published: try backend.revision.flatMap { try revision(id: $0) },
            lineage: try backend.revision.map { try lineage(of: $0, .up, depth: 16, user: who.userID, seesAll: who.seesAll) } ?? [])
    }
}
