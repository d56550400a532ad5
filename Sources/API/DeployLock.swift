package import Core

/// What a deploy manifest resolved to, all of it by digest: enough to fetch the same bytes
/// again and to prove that they are the same. No time and no server's address is in it, so the
/// same manifest over the same revisions gives the same bytes.
package struct DeployLock: Hashable, Sendable {
    package static let format = "grayling lock 1"

    package let name: String
    /// Of the manifest file's bytes.
    package let manifest: Digest
    /// In order of their names in the deployment.
    package let models: [LockedModel]

    /// Sorts; the order given does not matter.
    package init(name: String, manifest: Digest, models: [LockedModel]) throws(HubError) {
        try DeployName.check(name, what: "deployment name")
        self.name = name
        self.manifest = manifest
        self.models = models.sorted { $0.alias.utf8.lexicographicallyPrecedes($1.alias.utf8) }
        var seen: Set<String> = []
        for model in models where !seen.insert(model.alias.lowercased()).inserted {
            throw HubError(.invalidName, "the lock names two models '\(model.alias)'; each needs its own name")
        }
    }

    /// The canonical bytes; their SHA-256 is the lock's digest.
    package var bytes: [UInt8] {
        CanonicalJSON.object([
            "format": .text(Self.format),
            "name": .text(name),
            "manifest": .text(manifest.description),
            "models": .list(models.map(\.json))
        ]).bytes
    }
}

/// One model of a lock: what was asked for, and what that is.
package struct LockedModel: Hashable, Sendable {
    package let alias: String
    package let repo: RepoName
    package let asked: DeployPin
    package let commit: GitID
    /// Digest of the revision's canonical manifest.
    package let manifest: Digest
    /// In byte order of their paths.
    package let files: [LockedFile]

    /// Sorts and checks the files; the order given does not matter.
    package init(alias: String, repo: RepoName, asked: DeployPin, commit: GitID, manifest: Digest, files: [LockedFile]) throws(HubError) {
        try DeployName.check(alias, what: "model name in a deployment")
        try FilePath.checkTogether(files.map(\.path))
        self.alias = alias
        self.repo = repo
        self.asked = asked
        self.commit = commit
        self.manifest = manifest
        self.files = files.sorted { $0.path < $1.path }
    }

    fileprivate var json: CanonicalJSON {
        .object([
            "as": .text(alias),
            "kind": .text(repo.kind.rawValue),
            "repo": .text(repo.path),
            "asked": .text(asked.description),
            "commit": .text(commit.hex),
            "manifest": .text(manifest.description),
            "files": .list(files.map(\.json))
        ])
    }
}

/// One file of a lock: all that is needed to know it again.
package struct LockedFile: Hashable, Sendable {
    package let path: FilePath
    package let size: Int64
    package let digest: Digest
    package let isExecutable: Bool

    package init(path: FilePath, size: Int64, digest: Digest, isExecutable: Bool) {
        self.path = path
        self.size = size
        self.digest = digest
        self.isExecutable = isExecutable
    }

    package var json: CanonicalJSON {
        .object([
            "path": .text(path.text),
            "size": .integer(size),
            "digest": .text(digest.description),
            "executable": .flag(isExecutable)
        ])
    }
}
