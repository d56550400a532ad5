import Catalog
package import Core
package import Release

extension Hub {
    package func endpoints(after: EndpointName?, limit: Int, for who: Principal) throws -> [EndpointFacts] {
        try catalog.read { rows in
            try rows.endpointRows(after: after?.text ?? "", limit: limit, user: who.userID, seesAll: who.seesAll).map { try rows.facts($0) }
        }
    }

    package func endpoint(_ name: EndpointName, for who: Principal) throws -> EndpointFacts {
        try catalog.read { rows in try rows.facts(rows.endpoint(name, for: who, to: .read)) }
    }

    /// Releases that succeeded, newest first, behind the number `before`; also of a deleted endpoint.
    package func history(of name: EndpointName, before: Int64, limit: Int, for who: Principal) throws -> [ReleaseFacts] {
        try catalog.read { rows in
            let endpoint = try rows.endpoint(name, for: who, to: .read, orDeleted: true)
            return try rows.succeededReleases(of: endpoint.id, before: before, limit: limit).map { try rows.facts($0) }
        }
    }

    /// The route in effect.
    package func route(of name: EndpointName, for who: Principal) throws -> RouteFacts {
        try catalog.read { rows in
            let endpoint = try rows.endpoint(name, for: who, to: .read)
            guard let route = try rows.routes(of: endpoint.id, before: .max, limit: 1).first, !route.route.targets.isEmpty else {
                throw HubError(.unknownServing, "\(name) has no route yet: its first release has not begun to serve")
            }
            return route
        }
    }

    /// Routes, newest first, behind the generation `before`.
    package func routes(of name: EndpointName, before: Int64, limit: Int, for who: Principal) throws -> [RouteFacts] {
        try catalog.read { rows in
            try rows.routes(of: rows.endpoint(name, for: who, to: .read, orDeleted: true).id, before: before, limit: limit)
        }
    }

    /// Releases that `who` may see, newest first, behind the row `before`.
    package func releases(
        of name: EndpointName?, phase: Release.Phase?, before: Int64, limit: Int, for who: Principal
    ) throws -> [(row: Int64, facts: ReleaseFacts)] {
        try catalog.read { rows in
            let endpoint = try name.map { try rows.endpoint($0, for: who, to: .read, orDeleted: true).id }
            var found: [(row: Int64, facts: ReleaseFacts)] = []
            var before = before
            while found.count < limit {
                let page = try rows.releaseRows(of: endpoint, phase: phase, before: before, limit: limit)
                for row in page where found.count < limit {
                    before = row.id
                    guard try endpoint != nil || rows.maySee(row, who) else { continue }
                    found.append((row.id, try rows.facts(row)))
                }
                if page.count < limit { break }
            }
            return found
        }
    }

    package func release(_ id: ReleaseID, for who: Principal) throws -> ReleaseFacts {
        try catalog.read { rows in try rows.facts(rows.release(id, for: who, to: .read).row) }
    }

    package func decisions(of id: ReleaseID, after: Int64, limit: Int, for who: Principal) throws -> [DecisionFacts] {
        try catalog.read { rows in
            try rows.decisions(of: rows.release(id, for: who, to: .read).row.id, id: id, after: after, limit: limit)
        }
    }

    package func releaseEvents(of id: ReleaseID, after: Int64, limit: Int, for who: Principal) throws -> [ReleaseEventFacts] {
        try catalog.read { rows in
            try rows.releaseEvents(of: rows.release(id, for: who, to: .read).row.id, id: id, after: after, limit: limit)
        }
    }

    package func approvals(of id: ReleaseID, for who: Principal) throws -> [ApprovalFacts] {
        try catalog.read { rows in try rows.approvals(of: rows.release(id, for: who, to: .read).row.id, id: id) }
    }

    /// The bytes of a lock that a release of this endpoint was made from.
    package func servingLock(_ digest: Digest, of name: EndpointName, for who: Principal) throws -> [UInt8] {
        try catalog.read { rows in
            let endpoint = try rows.endpoint(name, for: who, to: .read, orDeleted: true)
            guard try rows.isLock(digest, of: endpoint.id), let bytes = try rows.servingLock(digest) else { throw HubError.unknownLock(digest) }
            return bytes
        }
    }

    /// Backends of one endpoint, or of all that `who` may see. Values of the environment are shown to
    /// those who may plan.
    package func backends(of name: EndpointName?, for who: Principal) throws -> [BackendFacts] {
        try catalog.read { rows in
            let endpoints: [EndpointRow] =
                if let name { [try rows.endpoint(name, for: who, to: .read)] } else {
                    try rows.endpointRows(after: "", limit: .max, user: who.userID, seesAll: who.seesAll)
                }
            let wanted = Set(try rows.wantedBackends().map(\.row.id))
            return try endpoints.flatMap { endpoint in
                let mayPlan = (try? rows.require(.plan, on: endpoint, endpoint.spec.name, for: who)) != nil
                return try rows.backendRows(of: endpoint.id).map { row in
                    var spec = row.spec
                    if !mayPlan { spec.runtime.environment = spec.runtime.hiddenEnvironment }
                    return BackendFacts(id: row.backend, spec: spec, created: row.created, isWanted: wanted.contains(row.id))
                }
            }
        }
    }
}

extension Snapshot {
    fileprivate func maySee(_ row: ReleaseRow, _ who: Principal) throws -> Bool {
        guard let endpoint = try endpointRow(id: row.endpoint) else { return false }
        do {
            try require(.read, on: endpoint, endpoint.spec.name, for: who)
            return true
        } catch let error as HubError where error.code == .unknownServing {
            return false
        }
    }
}
