import Catalog
package import Core
package import Release

extension Hub {
    package func grants(of name: EndpointName, for who: Principal) throws -> [EndpointGrant] {
        try catalog.read { rows in try rows.grants(of: rows.endpoint(name, for: who, to: .administer).id) }
    }

    package func setGrant(_ grant: EndpointGrant, of name: EndpointName, by who: Principal) async throws {
        try await change(by: who) { tx in
            let endpoint = try tx.rows.endpoint(name, for: who, to: .administer)
            try tx.addGrant(grant.permission, to: tx.rows.user(grant.user), on: endpoint.id)
            try tx.record(
                "endpoint.granted", repo: tx.rows.repoName(of: endpoint),
                ["endpoint": name.text, "user": grant.user, "permission": grant.permission.description])
        }
    }

    package func removeGrant(_ grant: EndpointGrant, of name: EndpointName, by who: Principal) async throws {
        try await change(by: who) { tx in
            let endpoint = try tx.rows.endpoint(name, for: who, to: .administer)
            try tx.removeGrant(grant.permission, from: tx.rows.user(grant.user), on: endpoint.id)
            try tx.record(
                "endpoint.revoked", repo: tx.rows.repoName(of: endpoint),
                ["endpoint": name.text, "user": grant.user, "permission": grant.permission.description])
        }
    }
}

extension Snapshot {
    fileprivate func user(_ name: String) throws -> Int64 {
        guard let id = try userID(named: try OwnerName(parsing: name)) else { throw HubError(.unknownOwner, "there is no user '\(name)' here") }
        return id
    }
}
