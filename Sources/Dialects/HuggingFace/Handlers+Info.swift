import Core
import Hub
import Hummingbird

extension HuggingFaceRoutes {
    static let infoRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", inRepo(""), { try await $0.info(at: nil) }),
        ("GET", inRepo("/revision/{rev}"), { try await $0.info(at: try $0.revision) })
    ]
}

extension Call {
    fileprivate func info(at spec: RevisionSpec?) async throws -> Response {
        let facts = try hub.repo(try repo, for: who)
        let expand = query.all("expand") + query.all("expand[]")
        func wants(_ member: String) -> Bool { expand.isEmpty || expand.contains(member) }
        // A repo that has no revision yet is there all the same.
        let isThere = spec != nil || facts.head != nil
        let revision = isThere ? try hub.revision(spec ?? .main, of: facts.name, for: who).revision : nil
        var answer = RepoAnswer(repo: facts, card: try await card(of: facts, at: revision), revision: revision)
        if wants("siblings") {
            let withBlobs = query.flag("blobs")
            answer.siblings =
                try revision.map { revision in
                    try hub.files(of: facts.name, at: .commit(revision.commit), for: who).files.map { try routes.sibling($0, withBlobs: withBlobs) }
                } ?? []
        }
        if wants("safetensors"), facts.name.kind == .model, let revision {
            answer.weights = try await routes.weights.parameters(try hub.topFiles(of: revision), hub)
        }
        if wants("usedStorage") { answer.usedStorage = try hub.storedBytes(of: facts) }
        return .json(answer.json.only(expand))
    }

    /// The card of the revision that is asked for, kept where it is the head's.
    private func card(of facts: RepoFacts, at revision: RevisionFacts?) async throws -> CardFacts? {
        guard let revision else { return nil }
        if revision.commit == facts.head { return try await hub.card(of: facts, routes.readCard) }
        return try await routes.readCard(facts.name.kind, try hub.topFiles(of: revision))
    }
}
