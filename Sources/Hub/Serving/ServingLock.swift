import Catalog
import Core
import Hashing
import Release

/// What a manifest resolved to, all of it by digest: the same inputs give the same bytes. Values of
/// the environment may be secrets, so the lock carries their digests only.
struct ServingLock {
    static let format = "grayling serving lock 1"
    let draft: ServingDraft
    let backend: BackendSpec
    let files: [PinnedFile]
    /// Parents by commit, without the names of repos that not every reader may see.
    let parents: [(commit: GitID, kind: LineageKind)]
    let licence: String?
    let serverVersion: String

    var bytes: [UInt8] {
        let model = backend.model
        let runtime = backend.runtime
        var runtimeMembers: [String: CanonicalJSON] = [
            "environment": .object(runtime.environment.mapValues { .text(Digest(of: $0).description) }),
            "replicas": .integer(Int64(runtime.replicas)),
            "memory": .integer(runtime.memory),
            "readiness": .text(runtime.readiness.path)
        ]
        switch runtime.kind {
        case .process(let command): runtimeMembers["command"] = .list(command.map { .text($0) })
        case .external(let urls): runtimeMembers["urls"] = .list(urls.map { .text($0) })
        }
        if let digest = runtime.digest { runtimeMembers["digest"] = .text(digest.description) }
        var registry: [String: CanonicalJSON] = ["withdrawn": .flag(false)]
        if let licence { registry["licence"] = .text(licence) }
        var members: [String: CanonicalJSON] = [
            "format": .text(Self.format),
            "endpoint": .text(backend.endpoint.text),
            "manifest": .text(draft.manifest.description),
            "asked": .text(draft.revision.description),
            "backend": .text(Digest(of: backend.canonical.bytes).description),
            "model": .object([
                "repo": .text(model.repo.path),
                "commit": .text(model.commit.hex),
                "manifest": .text(model.manifest.description),
                "version": .text(model.version),
                "files": .list(files.sorted { $0.path < $1.path }.map(\.json))
            ]),
            "runtime": .object(runtimeMembers),
            "lineage": .list(
                parents.sorted { ($0.commit.hex, $0.kind.rawValue) < ($1.commit.hex, $1.kind.rawValue) }.map {
                    .object(["commit": .text($0.commit.hex), "kind": .text($0.kind.rawValue)])
                }),
            "registry": .object(registry),
            "server": .text(serverVersion)
        ]
        if let golden = draft.strategy.prepare.golden { members["golden"] = .text(golden.description) }
        return CanonicalJSON.object(members).bytes
    }
}

extension PinnedFile {
    fileprivate var json: CanonicalJSON {
        .object([
            "path": .text(path.text),
            "size": .integer(size),
            "digest": .text(digest.description),
            "executable": .flag(isExecutable)
        ])
    }
}
