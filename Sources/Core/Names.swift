/// What a repo holds.
package enum RepoKind: String, Hashable, Sendable, CaseIterable {
    case model, dataset
    /// The word in paths: `models`, `datasets`.
    package var plural: String { rawValue + "s" }
}

/// A namespace: a person or an organisation. 1 to 96 of `A-Z a-z 0-9 . _ -`, beginning and
/// ending with a letter or digit, without `--` or `..`, and not a word that is a mounted path.
package struct OwnerName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(parsing text: some StringProtocol) throws(HubError) {
        let text = String(text)
        try NameRules.check(text, what: "owner name")
        guard !ReservedNames.all.contains(text.lowercased()) else {
            throw HubError(.invalidName, "'\(text)' cannot be an owner name: it is a path of this server; choose another")
        }
        self.text = text
    }
    package var description: String { text }
}

/// `owner/name`, with the kind of repo it is. Names keep their case; two that differ only in
/// case cannot exist side by side.
package struct RepoName: Hashable, Sendable, CustomStringConvertible {
    package let kind: RepoKind
    package let owner: OwnerName
    package let name: String

    package init(_ kind: RepoKind, owner: some StringProtocol, name: some StringProtocol) throws(HubError) {
        self.kind = kind
        self.owner = try OwnerName(parsing: owner)
        self.name = String(name)
        try NameRules.check(self.name, what: "repo name")
        guard !self.name.lowercased().hasSuffix(".git") else {
            throw HubError(.invalidName, "a repo name cannot end in .git: '\(self.name)'")
        }
    }

    /// Parses `owner/name`.
    package init(_ kind: RepoKind = .model, parsing text: some StringProtocol) throws(HubError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw HubError(.invalidName, "'\(text.prefix(200))' is not a repo: expected owner/name, such as acme/whale")
        }
        try self.init(kind, owner: parts[0], name: parts[1])
    }

    package var path: String { "\(owner)/\(name)" }
    package var description: String { path }
    /// What is unique in the index: one spelling per name.
    package var folded: String { path.lowercased() }
}

package enum NameRules {
    package static let longest = 96

    static func check(_ text: String, what: String) throws(HubError) {
        let units = Array(text.utf8)
        func fail(_ reason: String) -> HubError {
            HubError(.invalidName, "'\(text.prefix(120))' is not a valid \(what): \(reason)")
        }
        guard let first = units.first, let last = units.last else { throw fail("it is empty") }
        guard units.count <= longest else { throw fail("at most \(longest) characters") }
        guard units.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }) else {
            throw fail("only letters, digits, '-', '_' and '.'")
        }
        guard first.isASCIILetter || first.isASCIIDigit, last.isASCIILetter || last.isASCIIDigit || last == 0x5F else {
            throw fail("it must begin and end with a letter or a digit")
        }
        guard !text.contains("--"), !text.contains("..") else { throw fail("'--' and '..' are not allowed") }
    }
}

/// First path segments that belong to the server and so can never be owners.
package enum ReservedNames {
    package static let all: Set<String> = [
        "api", "assets", "datasets", "healthz", "hub", "metrics", "models", "openapi", "readyz", "spaces", "v1", "v2",
        "xet"
    ]
}
