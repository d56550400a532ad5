/// Which repos a list shows, and in which order.
package struct RepoQuery: Sendable {
    package enum Sort: String, Sendable { case updated, created, downloads, row }
    /// The last repo of the page before: what it was sorted by, and its row.
    package struct Place: Hashable, Sendable {
        package let key: Int64
        package let id: Int64
        package init(key: Int64, id: Int64) {
            self.key = key
            self.id = id
        }
    }

    package var kind: RepoKind
    package var owner: OwnerName?
    /// Parts of `owner/name` that all must occur, whatever their case.
    package var parts: [String] = []
    /// Tags that all must be there, whatever their case.
    package var tags: [String] = []
    package var pipelineTag: String?
    package var parameters: ClosedRange<Int64>?
    package var sort = Sort.updated
    package var after: Place?
    package var limit = 100
    /// nil sees public repos only; site admins see all.
    package var user: Int64?
    package var seesAll = false

    package init(_ kind: RepoKind) { self.kind = kind }
}

extension RepoFacts {
    package func place(in sort: RepoQuery.Sort) -> RepoQuery.Place {
        let key =
            switch sort {
            case .updated: updated.milliseconds
            case .created: created.milliseconds
            case .downloads: downloads
            case .row: id
            }
        return RepoQuery.Place(key: key, id: id)
    }
}
