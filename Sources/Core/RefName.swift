/// The name of a branch, a version or an alias. They share one namespace per repo, so that
/// `owner/name@x` means one thing. Rules of git check-ref-format, narrowed to one line of
/// visible characters: 1 to 128 of `A-Z a-z 0-9 . _ - + /`.
package struct RefName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(parsing text: some StringProtocol) throws(HubError) {
        let text = String(text)
        func fail(_ reason: String) -> HubError {
            HubError(.invalidName, "'\(text.prefix(140))' is not a valid branch, version or alias: \(reason)")
        }
        let units = Array(text.utf8)
        guard !units.isEmpty else { throw fail("it is empty") }
        guard units.count <= 128 else { throw fail("at most 128 characters") }
        guard units.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "._-+/".utf8.contains($0) }) else {
            throw fail("only letters, digits and . _ - + /")
        }
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard let first = part.utf8.first, first.isASCIILetter || first.isASCIIDigit || first == 0x5F else {
                throw fail("each part must begin with a letter or a digit")
            }
            guard !part.hasSuffix("."), !part.hasSuffix(".lock") else { throw fail("a part cannot end in '.' or '.lock'") }
        }
        guard !text.contains("..") else { throw fail("'..' is not allowed") }
        guard text != "HEAD", !(units.count == 40 && units.allSatisfy(\.isLowercaseHexDigit)) else {
            throw fail("it would be read as a commit id")
        }
        self.text = text
    }

    /// The default branch. ModelScope's `master` is served as the same branch.
    package static let main = RefName(unchecked: "main")
    private init(unchecked text: String) { self.text = text }
    /// The branch that is meant: `main` for `master`.
    package var asBranch: RefName { text == "master" ? .main : self }

    package var description: String { text }
    package static func < (a: RefName, b: RefName) -> Bool { a.text < b.text }
}

/// What a person writes after `@`: a branch, a version, an alias, or a commit id.
package enum RevisionSpec: Hashable, Sendable, CustomStringConvertible {
    case commit(GitID)
    case name(RefName)

    /// An empty text or `HEAD` means the default branch.
    package init(parsing text: some StringProtocol) throws(HubError) {
        if text.isEmpty || text == "HEAD" {
            self = .name(.main)
        } else if let id = try? GitID(parsing: text) {
            self = .commit(id)
        } else {
            self = .name(try RefName(parsing: text))
        }
    }

    package static let main = RevisionSpec.name(.main)
    package var description: String {
        switch self {
        case .commit(let id): id.hex
        case .name(let name): name.text
        }
    }
}

/// `owner/name[@revision]`.
package struct RevisionName: Hashable, Sendable, CustomStringConvertible {
    package let repo: RepoName
    package let revision: RevisionSpec
    /// Whether a revision was written, or `main` is meant by its absence.
    package let isExplicit: Bool

    package init(_ kind: RepoKind = .model, parsing text: some StringProtocol) throws(HubError) {
        let at = text.firstIndex(of: "@")
        repo = try RepoName(kind, parsing: at.map { text[..<$0] } ?? text[...])
        isExplicit = at != nil
        if let at {
            let rest = text[text.index(after: at)...]
            guard !rest.isEmpty else { throw HubError(.invalidName, "'\(text)' has nothing after '@': write owner/name@version") }
            revision = try RevisionSpec(parsing: rest)
        } else {
            revision = .main
        }
    }

    package var description: String { isExplicit ? "\(repo)@\(revision)" : repo.path }
}
