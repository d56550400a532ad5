import Catalog
package import Core

extension Hub {
    /// What a revision was made from, or what was made from it, as far as the asker may see.
    package func lineage(
        of spec: RevisionSpec, in name: RepoName, _ direction: LineageDirection, depth: Int, for who: Principal
    ) throws -> (revision: RevisionFacts, steps: [LineageStep]) {
        try catalog.read { rows in
            let revision = try rows.revision(spec, of: rows.repo(name, for: who))
            return (revision, try rows.lineage(of: revision.id, direction, depth: depth, user: who.userID, seesAll: who.seesAll))
        }
    }

    package func addLineage(_ claim: LineageClaim, to spec: RevisionSpec, in name: RepoName, by who: Principal) async throws {
        try await change(by: who) { tx in
            let child = try tx.rows.revision(spec, of: tx.rows.repo(name, for: who, as: .writer))
            let parent = try tx.rows.revision(claim.parent.revision, of: tx.rows.repo(claim.parent.repo, for: who))
            try tx.addLineage(child: child.id, parent: parent.id, kind: claim.kind)
        }
    }
}
