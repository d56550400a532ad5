import Core
import Hub
import Hummingbird

extension HuggingFaceRoutes {
    static let refRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", inRepo("/refs"), { try $0.refs() }),
        ("GET", inRepo("/commits/{rev}"), { try $0.commits() }),
        ("POST", inRepo("/branch/{rev}"), { try await $0.makeBranch() }),
        ("DELETE", inRepo("/branch/{rev}"), { try await $0.deleteBranch() }),
        ("POST", inRepo("/tag/{rev}"), { try await $0.makeTag() }),
        ("DELETE", inRepo("/tag/{rev}"), { try await $0.deleteTag() }),
        ("POST", inRepo("/super-squash/{rev}"), { try await $0.squash() })
    ]
}

extension Call {
    private static let commitsPerPage = 50

    /// Versions and aliases are both tags to clients, which know no third kind.
    fileprivate func refs() throws -> Response {
        let refs = try hub.refs(of: try repo, for: who)
        func list(_ kinds: Set<RefKind>, _ folder: String) -> JSON {
            .list(refs.filter { kinds.contains($0.kind) }) { ref in
                .object([
                    ("name", .text(ref.name.text)), ("ref", .text("refs/\(folder)/\(ref.name)")), ("targetCommit", .text(ref.commit.hex))
                ])
            }
        }
        return .json(
            .object([
                ("branches", list([.branch], "heads")), ("converts", .list([])), ("tags", list([.version, .alias], "tags")),
                ("pullRequests", query.flag("include_prs") ? .list([]) : nil)
            ]))
    }

    fileprivate func commits() throws -> Response {
        let start = try cursor.map { try Self.revision($0) } ?? revision
        let limit = try limit(usual: Self.commitsPerPage, most: 1000)
        let (page, next) = try hub.history(from: start, of: try repo, limit: limit, for: who)
        let isFormatted = query.all("expand[]").contains("formatted") || query.all("expand").contains("formatted")
        let items = JSON.list(page) { named in
            let revision = named.revision
            return .object([
                ("id", .text(revision.commit.hex)), ("title", .text(revision.title)), ("message", .text(revision.rest)),
                ("date", .text(revision.created.description)), ("authors", .list([.object([("user", .text(revision.author))])])),
                ("formatted", isFormatted ? .object([("title", .text(revision.title)), ("message", .text(revision.rest))]) : nil)
            ])
        }
        return .json(items, next: next.map { self.next(cursor: $0.hex) })
    }

    /// A name to be made; a name that cannot be is told why.
    private func newName(_ text: String) throws -> RefName {
        guard !text.hasPrefix("refs/pr/"), !text.hasPrefix("refs/convert/") else {
            throw HubError(.invalidName, "'\(FilePath.printable(text))' is kept for pull requests and conversions, which are not supported here")
        }
        return try RefName(parsing: try Self.short(text))
    }

    fileprivate func makeBranch() async throws -> Response {
        struct Body: Decodable {
            let startingPoint: String?
        }
        let body: Body = try await json()
        let start = try body.startingPoint.map { try Self.revision($0) } ?? .main
        return try await make(try newName(try value("rev")), .branch, at: start)
    }

    fileprivate func makeTag() async throws -> Response {
        struct Body: Decodable {
            let tag: String
        }
        let body: Body = try await json()
        return try await make(try newName(body.tag), .version, at: try revision)
    }

    private func make(_ name: RefName, _ kind: RefKind, at spec: RevisionSpec) async throws -> Response {
        // What is there is not moved: the client decides whether that is what it wanted.
        let made = try await hub.makeRef(name, kind, at: spec, in: try repo, by: who)
        return .json(.object([("name", .text(made.name.text)), ("targetCommit", .text(made.commit.hex))]))
    }

    fileprivate func deleteBranch() async throws -> Response {
        try await hub.deleteRef(try branch, .branch, in: try repo, expected: .none, by: who)
        return .done
    }

    /// A version is a promise to those who pinned it. Aliases are ours alone and can go.
    fileprivate func deleteTag() async throws -> Response {
        let name = try branch
        _ = try hub.requireMayWrite(to: try repo, by: who)
        switch try hub.refs(of: try repo, for: who).first(where: { $0.name == name })?.kind {
        case .alias: try await hub.deleteRef(name, .alias, in: try repo, expected: .none, by: who)
        case .version:
            throw HubError(
                .protected,
                "the tag \(name) is a version, and versions never disappear or move: somebody may have pinned it. Withdraw it with 'grayling delete', or choose another tag"
            )
        case .branch, nil: throw HubError(.unknownRevision, "\(try repo) has no tag '\(name)'")
        }
        return .done
    }

    fileprivate func squash() async throws -> Response {
        struct Body: Decodable {
            let message: String?
        }
        let body: Body = try await json()
        let revision = try await hub.squash(try branch, of: try repo, message: body.message ?? "", by: who)
        return .json(.object([("commitOid", .text(revision.commit.hex))]))
    }
}
