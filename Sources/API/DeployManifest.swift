package import Core

/// What somebody wants in production, as written by hand: names of models, each pinned to one
/// version, alias, branch or commit. `grayling pin` turns it into a `DeployLock`.
package struct DeployManifest: Hashable, Sendable {
    package let name: String
    /// In the order of the file; no two share an `as`.
    package let models: [DeployModel]

    /// The largest manifest that is read, in bytes: 1 MiB.
    package static let longest = 1 << 20

    package init(name: String, models: [DeployModel]) {
        self.name = name
        self.models = models
    }
}

/// One model of a deployment.
package struct DeployModel: Hashable, Sendable {
    /// How the deployment calls it; also the folder it is pulled into.
    package let alias: String
    package let repo: RepoName
    package let asked: DeployPin
    /// The canonical manifest's digest that the revision must turn out to have, where given.
    package let digest: Digest?

    package init(alias: String, repo: RepoName, asked: DeployPin, digest: Digest? = nil) {
        self.alias = alias
        self.repo = repo
        self.asked = asked
        self.digest = digest
    }
}

/// How a deploy manifest names a revision.
package enum DeployPin: Hashable, Sendable, CustomStringConvertible {
    case version(RefName)
    case alias(RefName)
    case branch(RefName)
    case revision(GitID)

    /// The keys of a manifest, in the order messages list them.
    package static let keys = ["version", "alias", "branch", "revision"]

    package init(key: some StringProtocol, value: some StringProtocol) throws(HubError) {
        switch String(key) {
        case "version": self = .version(try RefName(parsing: value))
        case "alias": self = .alias(try RefName(parsing: value))
        case "branch": self = .branch(try RefName(parsing: value))
        case "revision": self = .revision(try GitID(parsing: value))
        default:
            throw HubError(.invalidRequest, "'\(key)' does not pin a model: expected one of \(Self.keys.joined(separator: ", "))")
        }
    }

    /// Reads what `description` wrote, such as `version 1.0.0`.
    package init(parsing text: some StringProtocol) throws(HubError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2 else {
            throw HubError(.invalidRequest, "'\(text.prefix(200))' does not say what was asked for: expected a text such as 'version 1.0.0'")
        }
        try self.init(key: words[0], value: words[1])
    }

    package var revision: RevisionSpec {
        switch self {
        case .version(let name), .alias(let name), .branch(let name): .name(name)
        case .revision(let id): .commit(id)
        }
    }

    package var description: String {
        switch self {
        case .version(let name): "version \(name)"
        case .alias(let name): "alias \(name)"
        case .branch(let name): "branch \(name)"
        case .revision(let id): "revision \(id)"
        }
    }
}

/// The name of a deployment, or of a model in it: 1 to 63 of `A-Z a-z 0-9 . _ -`, beginning and
/// ending with a letter or a digit. It is used as a folder name.
package enum DeployName {
    package static func check(_ text: String, what: String) throws(HubError) {
        let units = Array(text.utf8)
        func isAlphanumeric(_ unit: UInt8) -> Bool { unit.isASCIILetter || unit.isASCIIDigit }
        guard let first = units.first, let last = units.last, units.count <= 63, isAlphanumeric(first), isAlphanumeric(last),
            units.allSatisfy({ isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F })
        else {
            throw HubError(
                .invalidName,
                "'\(FilePath.printable(text))' is not a valid \(what): 1 to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit"
            )
        }
    }
}
