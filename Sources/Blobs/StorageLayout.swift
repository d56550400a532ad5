package import Core

/// Spells every path under a data root, as `Storage/README.md` draws it; nobody else does.
/// Outside this room only `catalog`, `adminToken` and `fleet` are of use.
package struct StorageLayout: Hashable, Sendable {
    /// The whole content of `FORMAT`.
    package static let format = "grayling storage 1\n"

    package let root: String
    package init(root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var formatFile: String { "\(root)/FORMAT" }
    package var lock: String { "\(root)/lock" }
    package var adminToken: String { "\(root)/admin.token" }
    package var catalog: String { "\(root)/catalog.sqlite" }
    package var catalogLog: String { "\(catalog)-wal" }
    package var catalogMemory: String { "\(catalog)-shm" }
    /// A catalog being prepared to take the other's place.
    package var newCatalog: String { "\(catalog).new" }
    package var uploads: String { "\(root)/uploads" }
    package var incoming: String { "\(root)/incoming" }
    package var trash: String { "\(root)/trash" }
    package var quarantine: String { "\(root)/quarantine" }
    /// Model servers' models, scratch folders and logs; made again from the blobs where it is gone.
    package var fleet: String { "\(root)/fleet" }

    /// The two ways a blob can be kept.
    package enum Form: String, Sendable, CaseIterable {
        case whole = "blobs"
        case recipe = "recipes"
        fileprivate var suffix: String { self == .whole ? "" : ".recipe" }
    }

    package func shards(_ form: Form) -> String { "\(root)/\(form.rawValue)/sha256" }
    package func shard(_ form: Form, _ number: UInt8) -> String { "\(shards(form))/\(Hex.encode([number]))" }
    package func shard(_ form: Form, of digest: Digest) -> String { "\(shards(form))/\(digest.hex.prefix(2))" }
    package func blob(_ digest: Digest, _ form: Form = .whole) -> String { "\(shard(form, of: digest))/\(digest.hex)" }
    package func trashed(_ digest: Digest, _ form: Form) -> String { "\(trash)/\(digest.hex)\(form.suffix)" }
    package func quarantined(_ digest: Digest, _ form: Form) -> String { "\(quarantine)/\(digest.hex)\(form.suffix)" }
    package func incoming(_ name: String) -> String { "\(incoming)/\(name)" }
    package func upload(_ id: UploadID) -> String { "\(uploads)/\(id)" }
    package func uploadMeta(_ id: UploadID) -> String { "\(upload(id))/meta" }
    package func uploadData(_ id: UploadID) -> String { "\(upload(id))/data" }
    package func uploadParts(_ id: UploadID) -> String { "\(upload(id))/parts" }
    package func uploadPart(_ id: UploadID, _ number: Int) -> String { "\(uploadParts(id))/\(number)" }

    /// Every folder that exists before the first blob arrives, parents first.
    package var folders: [String] {
        var folders = [uploads, incoming, trash, quarantine]
        for form in Form.allCases {
            folders += ["\(root)/\(form.rawValue)", shards(form)]
            folders += (UInt8.min...UInt8.max).map { shard(form, $0) }
        }
        return folders
    }

    /// The digest and form that a file name in `trash` or `quarantine` stands for; nil for a stranger.
    package static func condemned(_ name: String) -> (Digest, Form)? {
        let suffix = Form.recipe.suffix
        let form: Form = name.hasSuffix(suffix) ? .recipe : .whole
        guard let digest = digest(named: form == .recipe ? String(name.dropLast(suffix.count)) : name) else { return nil }
        return (digest, form)
    }

    /// The digest that a file name in a shard stands for; nil for a stranger.
    package static func digest(named name: String) -> Digest? {
        // `parsing` would also take a `sha256:` in front, which is no file of ours.
        name.utf8.count == 64 ? try? Digest(parsing: name) : nil
    }

    /// First path components that may lie in a root before `FORMAT` has been written.
    static let ownNames: Set<String> = [
        "FORMAT", "lock", "admin.token", "catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm",
        "catalog.sqlite.new", "catalog.sqlite.new-wal", "catalog.sqlite.new-shm", "catalog.sqlite.new-journal", "blobs",
        "recipes", "uploads", "incoming", "trash", "quarantine", "README.md", "lost+found"
    ]
}
