package import Core

/// The words a repo is found by: what its card says and what its files are.
package enum CardTags {
    /// A card is not let to be a dictionary.
    private static let most = 1000
    private static let longest = 256

    /// Each tag once, as public hubs spell them: library and formats first, then the task, the card's
    /// own tags, languages (`language:<x>` for datasets), `dataset:<id>`, `base_model:<id>`, `license:<x>`.
    /// - Parameter paths: the files of the repo.
    package static func all(of card: ModelCard?, paths: some Sequence<String>, kind: RepoKind) -> [String] {
        var tags: [String] = []
        var seen: Set<String> = []
        func add(_ tag: String) {
            guard tags.count < most, tag.utf8.count <= longest, seen.insert(tag).inserted else { return }
            tags.append(tag)
        }
        if let library = card?.libraryName { add(library) }
        if kind == .model { for format in formats(of: paths) { add(format) } }
        guard let card else { return tags }
        if let task = card.pipelineTag { add(task) }
        if kind == .dataset {
            for task in card.taskCategories { add("task_categories:\(task)") }
            for size in card.sizeCategories { add("size_categories:\(size)") }
        }
        for tag in card.tags { add(tag) }
        for language in card.languages { add(kind == .dataset ? "language:\(language)" : language) }
        for id in card.datasets { add("dataset:\(id)") }
        for id in card.baseModels {
            add("base_model:\(id)")
            if let relation = card.baseModelRelation { add("base_model:\(relation):\(id)") }
        }
        for license in card.licenses { add("license:\(license.lowercased())") }
        return tags
    }

    /// What the names of files tell of their formats: `safetensors`, `gguf`, `onnx`, `pytorch`, `tf`, `jax`.
    package static func formats(of paths: some Sequence<String>) -> [String] {
        var found: Set<String> = []
        for path in paths {
            let name = path.lowercased().split(separator: "/").last.map(String.init) ?? ""
            for (format, suffixes) in suffixes where suffixes.contains(where: { name.hasSuffix($0) }) { found.insert(format) }
            if name.hasPrefix("pytorch_model"), name.hasSuffix(".bin") { found.insert("pytorch") }
        }
        return found.sorted()
    }

    private static let suffixes: [(String, [String])] = [
        ("safetensors", [".safetensors", ".safetensors.index.json"]), ("gguf", [".gguf"]), ("onnx", [".onnx"]), ("pytorch", [".pt", ".pth"]),
        ("tf", ["tf_model.h5"]), ("jax", ["flax_model.msgpack"])
    ]
}
