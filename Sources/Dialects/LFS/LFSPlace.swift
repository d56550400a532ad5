package import Core

/// What stands before `/info/lfs` in an address.
package enum LFSPlace: Hashable, Sendable {
    /// The parts as decoded, not yet checked.
    case repo(RepoKind, owner: String, name: String)
    /// A kind of repo that this server does not keep, such as a space.
    case nowhere(String)

    /// Finds the repo in a path before `/info/lfs`, percent-encoded as it came; nil where the address
    /// belongs to somebody else. Called on event loops.
    package typealias Reader = @Sendable (_ base: [Substring]) -> LFSPlace?

    /// `/{owner}/{name}`, `/datasets/{owner}/{name}`, with or without `.git`; `/spaces/…` is nowhere.
    package static let standard: Reader = { base in
        switch base.count {
        case 2: ReservedNames.all.contains(base[0].lowercased()) ? nil : repo(.model, base[0], base[1])
        case 3 where base[0] == "datasets": repo(.dataset, base[1], base[2])
        case 3 where base[0] == "models": repo(.model, base[1], base[2])
        case 3 where base[0] == "spaces": .nowhere("\(base[1])/\(base[2])")
        default: nil
        }
    }

    /// Names have no character that needs encoding, so that one which is encoded cannot be ours.
    private static func repo(_ kind: RepoKind, _ owner: Substring, _ name: Substring) -> LFSPlace {
        .repo(kind, owner: String(owner), name: String(name.hasSuffix(".git") ? name.dropLast(4) : name))
    }

    var name: RepoName {
        get throws(HubError) {
            switch self {
            case .repo(let kind, let owner, let name): return try RepoName(kind, owner: owner, name: name)
            case .nowhere(let what):
                throw HubError(.unknownRepo, "there is no \(FilePath.printable(what)) here: this server keeps models and datasets, not spaces")
            }
        }
    }
}

/// An address below `/info/lfs`, taken apart.
struct LFSAddress: Hashable, Sendable {
    /// The part before `/info/lfs`, as it came.
    let base: Substring
    let place: LFSPlace
    /// The segments behind it.
    let rest: [Substring]

    /// nil where the path is none of these, or `reader` does not know its beginning.
    init?(_ path: Substring, _ reader: LFSPlace.Reader) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count >= 4,
            let info = parts.indices.dropFirst().first(where: { $0 + 1 < parts.count && parts[$0] == "info" && parts[$0 + 1] == "lfs" }),
            let place = reader(Array(parts[..<info]))
        else { return nil }
        base = path[..<parts[info - 1].endIndex]
        self.place = place
        rest = Array(parts[(info + 2)...])
    }
}
