import Catalog
package import Core

extension Hub {
    /// The log behind `after`, oldest first. Admins of a repo may read its events; the whole log
    /// is for site admins.
    package func events(after: Int64, repo name: RepoName?, limit: Int, for who: Principal) throws -> [EventFacts] {
        try catalog.read { rows in
            guard let name else {
                try who.requireSiteAdmin()
                return try rows.events(after: after, repo: nil, limit: limit)
            }
            let repo = try rows.repo(name, for: who, as: .admin)
            return try rows.events(after: after, repo: "\(repo.name.kind.plural)/\(repo.name.path)", limit: limit)
        }
    }
}
