/// How a revision came from its parent. Edges join revisions by id, so names may change.
package enum LineageKind: String, Hashable, Sendable, CaseIterable {
    case finetune, adapter, quantized, merge, distilled, dataset, converted

    package init(parsing text: some StringProtocol) throws(HubError) {
        guard let kind = Self(rawValue: String(text)) else {
            throw HubError(
                .invalidRequest,
                "'\(text)' is not a kind of lineage: expected one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = kind
    }
}

/// A parent as a publisher declares it: `owner/name@version[:kind]`.
package struct LineageClaim: Hashable, Sendable {
    package let parent: RevisionName
    package let kind: LineageKind

    package init(parent: RevisionName, kind: LineageKind) {
        self.parent = parent
        self.kind = kind
    }

    /// The kind after the last `:` is `finetune` where none is written. `dataset` means that the
    /// parent is a dataset repo.
    package init(parsing text: some StringProtocol) throws(HubError) {
        let colon = text.lastIndex(of: ":")
        kind = try colon.map { (at) throws(HubError) in try LineageKind(parsing: text[text.index(after: at)...]) } ?? .finetune
        parent = try RevisionName(kind == .dataset ? .dataset : .model, parsing: colon.map { text[..<$0] } ?? text[...])
    }
}

package enum LineageDirection: String, Hashable, Sendable {
    /// Towards what it was made from.
    case up
    /// Towards what was made from it.
    case down
}

/// One step of a lineage answer, as seen from where the question began.
package struct LineageStep: Hashable, Sendable {
    package let depth: Int
    package let kind: LineageKind
    package let child: RevisionLabel
    package let parent: RevisionLabel
    package init(depth: Int, kind: LineageKind, child: RevisionLabel, parent: RevisionLabel) {
        self.depth = depth
        self.kind = kind
        self.child = child
        self.parent = parent
    }
}

/// A revision as people read it: where it lives now, its id, and its version where it has one.
package struct RevisionLabel: Hashable, Sendable {
    package let repo: RepoName
    package let commit: GitID
    package let version: RefName?
    package init(repo: RepoName, commit: GitID, version: RefName?) {
        self.repo = repo
        self.commit = commit
        self.version = version
    }
}
