import Catalog
package import Core
import Logging

extension Hub {
    /// Reads the card of a revision; files are those at the top of it.
    package typealias CardReader = @Sendable (_ kind: RepoKind, _ files: [FileEntry]) async throws -> CardFacts

    /// Reads the cards of repos whose `main` has moved, at most so many; how many it read. What
    /// cannot be read stays due and is told of.
    package func refreshCards(limit: Int, _ read: CardReader) async throws -> Int {
        var done = 0
        var last: Int64 = 0
        while done < limit {
            let due = try catalog.read { try $0.dueCards(after: last, limit: min(64, limit - done)) }
            guard let end = due.last else { break }
            for repo in due {
                do {
                    try await refreshCard(of: repo, read)
                } catch let error as HubError {
                    logger.warning("a model card could not be read", metadata: ["repo": "\(repo)", "error": "\(error)"])
                }
            }
            done += due.count
            last = end
        }
        return done
    }

    /// What the card of a repo's `main` says; nil where it has no revision yet.
    package func card(of repo: RepoFacts, _ read: CardReader) async throws -> CardFacts? {
        if try catalog.read({ try $0.isCardDue(repo.id) }) { try await refreshCard(of: repo.id, read) }
        return try catalog.read { try $0.card(of: repo.id)?.facts }
    }

    private func refreshCard(of repo: Int64, _ read: CardReader) async throws {
        let head = try catalog.read { rows in
            try rows.revision(.main, in: repo).map { ($0, try rows.topFiles(tree: $0.treeRow)) }
        }
        guard let (revision, files) = head else {
            return try await catalog.write(by: "grayling", at: now) { try $0.cardIsNotDue(repo) }
        }
        let facts = try await read(revision.repo.kind, files)
        try await catalog.write(by: "grayling", at: now) { try $0.setCard(facts, of: repo, at: revision.commit) }
    }

    /// The files at the top of a revision, as a card's reader wants them.
    package func topFiles(of revision: RevisionFacts) throws -> [FileEntry] { try catalog.read { try $0.topFiles(tree: revision.treeRow) } }
}

extension Snapshot {
    /// Cards are read from few files; a folder of more than this shows its first: 4096.
    private static let mostTopFiles = 4096

    fileprivate func topFiles(tree: Int64) throws -> [FileEntry] {
        try items(tree: tree, base: "", isRecursive: false, after: nil, limit: Self.mostTopFiles).compactMap { item in
            if case .file(let file) = item { file } else { nil }
        }
    }
}
