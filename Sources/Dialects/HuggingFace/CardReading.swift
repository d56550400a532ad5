import Core
import Hub
import ModelFiles
import Synchronization

extension HuggingFaceRoutes {
    /// Reads what lists show of a repo, from the files at the top of its `main`.
    var readCard: Hub.CardReader { { [hub, weights] kind, files in try await Self.card(kind, files, hub, weights) } }

    static func card(_ kind: RepoKind, _ files: [FileEntry], _ hub: Hub, _ weights: WeightsMemory) async throws -> CardFacts {
        var card: ModelCard?
        if let readme = files.first(where: { $0.path.text == "README.md" }) {
            card = ModelCard(parsing: try await hub.bytes(of: readme.digest, ByteRange(0, min(readme.size, Int64(ModelCard.longest)))))
        }
        let parameters = kind == .model ? try await weights.parameters(files, hub) : nil
        return CardFacts(
            json: card.flatMap { $0.hasFrontMatter && $0.problem == nil ? $0.metadata.json : nil },
            tags: CardTags.all(of: card, paths: files.map(\.path.text), kind: kind), pipelineTag: card?.pipelineTag,
            library: card?.libraryName, parameters: parameters.map { $0.values.reduce(0, +) })
    }

    /// What is wrong with the metadata of a README, and what might be.
    static func check(card text: String) -> (errors: [String], warnings: [String]) {
        let report = ModelCard(parsing: Array(text.utf8)).validate()
        return (report.errors.map(\.description), report.warnings.map(\.description))
    }
}

/// How many parameters the weights of a revision have, by type: read once from the heads of files,
/// then known by their digests.
final class WeightsMemory: Sendable {
    private let known = Mutex<[Digest: [String: Int64]]>([:])
    /// Some hundred bytes each.
    private static let most = 4096
    /// Larger models are cut into fewer files than this.
    private static let mostShards = 512

    /// nil where there are no weights of this kind, or their files do not say.
    func parameters(_ files: [FileEntry], _ hub: Hub) async throws -> [String: Int64]? {
        let shards = Self.weights(files)
        guard !shards.isEmpty, shards.count <= Self.mostShards else { return nil }
        var sum: [String: Int64] = [:]
        for shard in shards {
            guard let part = try await parameters(of: shard, hub) else { return nil }
            sum.merge(part) { $0 + $1 }
        }
        return sum
    }

    /// The files that together are the model: one whole, one set of shards, or the only file there is.
    static func weights(_ files: [FileEntry]) -> [FileEntry] {
        let tensors = files.filter { $0.path.text.hasSuffix(".safetensors") }
        if let whole = tensors.first(where: { $0.path.text == "model.safetensors" }) { return [whole] }
        let shards = tensors.filter { $0.path.text.wholeMatch(of: /model-[0-9]+-of-[0-9]+\.safetensors/) != nil }
        if !shards.isEmpty { return shards }
        return tensors.count == 1 ? tensors : []
    }

    private func parameters(of file: FileEntry, _ hub: Hub) async throws -> [String: Int64]? {
        if let found = known.withLock({ $0[file.digest] }) { return found }
        guard let found = try await Self.read(file, hub) else { return nil }
        known.withLock { known in
            if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
            known[file.digest] = found
        }
        return found
    }

    private static func read(_ file: FileEntry, _ hub: Hub) async throws -> [String: Int64]? {
        guard file.size >= 8 else { return nil }
        let start = try await hub.bytes(of: file.digest, ByteRange(0, 8))
        do {
            let end = Int64(try SafetensorsHeader.byteCount(from: start))
            guard end <= file.size else { return nil }
            let head = try await hub.bytes(of: file.digest, ByteRange(0, end))
            return try SafetensorsHeader(parsing: head, fileSize: file.size).parameters
        } catch let error as HubError where error.code != .storageDamaged && error.code != .unknownBlob {
            // Only the name says that it is one.
            return nil
        }
    }
}
