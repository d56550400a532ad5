package import Core
package import Release

/// What somebody wants to be served, as written by hand in `kind: Endpoint` of `serving/v1`: one
/// pinned model in one runtime, who gets it, what it is judged by, and how a new version walks in.
/// Everything is checked here that can be checked without a server.
package struct EndpointManifest: Hashable, Sendable {
    package var spec: EndpointSpec
    package var model: DeployModel
    package var runtime: RuntimeSpec
    /// Read and shown; see `warnings`.
    package var accelerator: Accelerator?
    package var strategy: Strategy
    package var golden: GoldenReference?
    /// What is allowed and probably not meant.
    package var warnings: [String]

    package struct Accelerator: Hashable, Sendable {
        package var count: Int
        package var memory: Int64?
        package init(count: Int, memory: Int64? = nil) {
            self.count = count
            self.memory = memory
        }
    }

    package init(
        spec: EndpointSpec, model: DeployModel, runtime: RuntimeSpec, accelerator: Accelerator? = nil, strategy: Strategy = Strategy(),
        golden: GoldenReference? = nil, warnings: [String] = []
    ) {
        self.spec = spec
        self.model = model
        self.runtime = runtime
        self.accelerator = accelerator
        self.strategy = strategy
        self.golden = golden
        self.warnings = warnings
    }
}

/// A file of golden checks in the hub, as lines of JSON: `owner/name@revision:path`, or
/// `owner/name@sha256:<hex>` by the digest of the file's bytes. `datasets/owner/name@…` names a
/// dataset instead of a model.
package struct GoldenReference: Hashable, Sendable, CustomStringConvertible {
    package var repo: RepoName
    package var place: Place

    package enum Place: Hashable, Sendable {
        case file(RevisionSpec, FilePath)
        case digest(Digest)
    }

    package init(parsing text: String) throws(HubError) {
        func fail() -> HubError {
            HubError(
                .invalidRequest,
                "'\(FilePath.printable(String(text.prefix(200))))' does not name golden checks: expected owner/name@revision:path, or owner/name@sha256:<hex> with the digest of a file of that repo"
            )
        }
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[1].isEmpty else { throw fail() }
        let prefix = "\(RepoKind.dataset.plural)/"
        let isDataset = halves[0].hasPrefix(prefix)
        repo = try RepoName(isDataset ? .dataset : .model, parsing: String(isDataset ? halves[0].dropFirst(prefix.count) : halves[0]))
        if halves[1].hasPrefix("sha256:") {
            place = .digest(try Digest(parsing: String(halves[1])))
            return
        }
        let parts = halves[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw fail() }
        place = .file(try RevisionSpec(parsing: String(parts[0])), try FilePath(parsing: String(parts[1])))
    }

    package var description: String {
        let name = repo.kind == .dataset ? "\(RepoKind.dataset.plural)/\(repo.path)" : repo.path
        switch place {
        case .file(let revision, let path): return "\(name)@\(revision):\(path.text)"
        case .digest(let digest): return "\(name)@\(digest)"
        }
    }
}
