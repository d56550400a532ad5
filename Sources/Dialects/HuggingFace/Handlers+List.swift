import Core
import Hub
import Hummingbird

extension HuggingFaceRoutes {
    static let listRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", "/api/{kind:models|datasets|spaces}", { try await $0.list() }),
        ("GET", "/api/models-tags-by-type", { try await $0.tags(.model) }),
        ("GET", "/api/datasets-tags-by-type", { try await $0.tags(.dataset) })
    ]
    /// Cards that one request waits for; what is left is read by housekeeping or by the next one.
    static let cardsPerRequest = 256
}

extension Call {
    private static let usual = 100
    private static let most = 1000
    /// With the files of each, which is much more.
    private static let mostWithFiles = 100

    fileprivate func list() async throws -> Response {
        let expand = query.all("expand") + query.all("expand[]")
        let isFull = query.flag("full") || expand.contains("siblings")
        let limit = try limit(usual: Self.usual, most: isFull ? Self.mostWithFiles : Self.most)
        guard let kind, let search = try RepoQuery(kind, query, cursor: try cursor, limit: limit) else { return .json(.list([])) }
        _ = try await routes.refreshCards(limit: HuggingFaceRoutes.cardsPerRequest)
        let found = try hub.repos(search, for: who)
        var items: [JSON] = []
        for (repo, card) in found {
            var answer = RepoAnswer(repo: repo, card: card)
            answer.showsCard = query.flag("cardData") || query.flag("full") && kind == .dataset || expand.contains("cardData")
            if isFull, repo.head != nil {
                answer.siblings = try hub.files(of: repo.name, at: .main, for: who).files.map { try routes.sibling($0, withBlobs: false) }
            }
            if expand.contains("safetensors"), kind == .model, repo.head != nil {
                let revision = try hub.revision(.main, of: repo.name, for: who).revision
                answer.weights = try await routes.weights.parameters(try hub.topFiles(of: revision), hub)
            }
            if expand.contains("usedStorage") { answer.usedStorage = try hub.storedBytes(of: repo) }
            items.append(answer.json.only(expand))
        }
        let last = found.count == limit ? found.last : nil
        return .json(.list(items), next: last.map { next(cursor: $0.repo.place(in: search.sort).text) })
    }

    /// The words that lists can be filtered by, in the groups that clients know.
    fileprivate func tags(_ kind: RepoKind) async throws -> Response {
        _ = try await routes.refreshCards(limit: HuggingFaceRoutes.cardsPerRequest)
        let groups = Dictionary(grouping: try hub.tags(kind, limit: Self.most, for: who)) { tag in
            let colon = tag.tag.firstIndex(of: ":")
            return colon.map { String(tag.tag[..<$0]) } ?? "other"
        }
        return .json(
            .object(
                groups.sorted { $0.key < $1.key }.map { group, tags in
                    (group, .list(tags) { .object([("id", .text($0.tag)), ("label", .text(Self.label($0.tag))), ("type", .text(group))]) })
                }))
    }

    private static func label(_ tag: String) -> String {
        tag.firstIndex(of: ":").map { String(tag[tag.index(after: $0)...]) } ?? tag
    }
}
