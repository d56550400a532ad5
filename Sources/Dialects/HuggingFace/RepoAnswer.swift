import Core
import Hub

/// A repo as clients read it; only what is asked for is read from the store.
struct RepoAnswer {
    let repo: RepoFacts
    let card: CardFacts?
    /// The revision that was asked for; nil in lists, and for a repo without one.
    var revision: RevisionFacts?
    var siblings: [JSON]?
    /// By type, such as `["BF16": 6738415616]`.
    var weights: [String: Int64]?
    var usedStorage: Int64?
    var showsCard = true

    private var lastModified: Instant {
        guard let revision, revision.commit != repo.head else { return repo.updated }
        return revision.created
    }

    var json: JSON {
        let isModel = repo.name.kind == .model
        let weightsJSON = weights.map { weights in
            JSON.object([
                ("parameters", .object(weights.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
                ("total", .int(weights.values.reduce(0, +)))
            ])
        }
        return .object([
            ("_id", .text(String(repo.id))), ("id", .text(repo.name.path)), ("modelId", isModel ? .text(repo.name.path) : nil),
            ("author", .text(repo.name.owner.text)), ("sha", .text((revision?.commit ?? repo.head)?.hex)),
            ("createdAt", .text(repo.created.description)), ("lastModified", .text(lastModified.description)),
            ("private", .bool(repo.isPrivate)), ("gated", .bool(false)), ("disabled", .bool(false)), ("downloads", .int(repo.downloads)),
            ("likes", .int(0)), ("trendingScore", .int(0)), ("tags", .texts(card?.tags ?? [])), ("pipeline_tag", .text(card?.pipelineTag)),
            ("library_name", isModel ? .text(card?.library) : nil),
            ("cardData", showsCard ? card?.json.map { .written($0) } : nil),
            ("description", repo.description.isEmpty ? nil : .text(repo.description)),
            ("siblings", siblings.map { .list($0) }), ("safetensors", weightsJSON), ("usedStorage", usedStorage.map { .int($0) })
        ])
    }
}
