import Core
import Hub
import Hummingbird
import NIOCore

extension HuggingFaceRoutes {
    static let repoRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("POST", "/api/repos/create", { try await $0.create() }),
        ("DELETE", "/api/repos/delete", { try await $0.delete() }),
        ("POST", "/api/repos/move", { try await $0.move() }),
        ("PUT", inRepo("/settings"), { try await $0.changeSettings() }),
        ("POST", inRepo("/duplicate"), { try await $0.duplicate() })
    ]
}

/// Visibility as clients of all ages write it.
private struct Visibility: Decodable {
    let visibility: String?
    let isPrivate: Bool?

    enum CodingKeys: String, CodingKey {
        case visibility
        case isPrivate = "private"
    }

    /// nil where nothing was said.
    var meansPrivate: Bool? {
        get throws(HubError) {
            switch visibility {
            case "private": true
            case "public": false
            case nil: isPrivate
            default: throw HubError(.invalidRequest, "'\(FilePath.printable(visibility ?? ""))' is not a visibility here: expected public or private")
            }
        }
    }
}

/// `{"name", "organization", "type"}`: a name of one part belongs to the caller.
private struct NamedRepo: Decodable {
    let name: String
    let organization: String?
    let type: String?

    func repo(for who: Principal) throws -> RepoName {
        let kind = try Call.kind(type)
        if name.contains("/") { return try RepoName(kind, parsing: name) }
        guard let owner = organization ?? who.user?.name else { throw HubError.signInNeeded }
        return try RepoName(kind, owner: owner, name: name)
    }
}

extension Call {
    fileprivate func create() async throws -> Response {
        struct Body: Decodable {
            let repo: NamedRepo
            let visibility: Visibility
            init(from decoder: any Decoder) throws {
                repo = try NamedRepo(from: decoder)
                visibility = try Visibility(from: decoder)
            }
        }
        guard who.user != nil else { throw HubError.signInNeeded }
        let body: Body = try await json()
        let name = try body.repo.repo(for: who)
        return try await answerWithAddress(name) {
            try await hub.createRepo(
                name, isPrivate: try body.visibility.meansPrivate ?? false,
                files: [(try FilePath(parsing: ".gitattributes"), ByteBuffer(string: DefaultAttributes.text))], message: "initial commit", by: who)
        }
    }

    /// The address of a new repo. Where it was there before, clients that accept that read the address
    /// from the refusal.
    private func answerWithAddress(_ name: RepoName, _ make: () async throws -> RepoFacts) async throws -> Response {
        do {
            let repo = try await make()
            return .json(
                .object([
                    ("url", .text(url(of: repo.name))), ("name", .text(repo.name.path)), ("id", .text(repo.name.path)),
                    ("private", .bool(repo.isPrivate))
                ]))
        } catch var error as HubError where error.code == .repoExists {
            error.details["url"] = url(of: name)
            throw error
        }
    }

    fileprivate func delete() async throws -> Response {
        guard who.user != nil else { throw HubError.signInNeeded }
        let body: NamedRepo = try await json()
        try await hub.deleteRepo(try asExisting { try body.repo(for: who) }, expected: .none, by: who)
        return .done
    }

    /// A name that cannot be is the name of no repo.
    private func asExisting(_ parse: () throws -> RepoName) throws -> RepoName {
        do {
            return try parse()
        } catch let error as HubError where error.code == .invalidName {
            throw HubError(.unknownRepo, error.message)
        }
    }

    fileprivate func move() async throws -> Response {
        struct Body: Decodable {
            let fromRepo: String
            let toRepo: String
            let type: String?
        }
        guard who.user != nil else { throw HubError.signInNeeded }
        let body: Body = try await json()
        let kind = try Self.kind(body.type)
        let old = try asExisting { try RepoName(kind, parsing: body.fromRepo) }
        let moved = try await hub.moveRepo(old, to: try RepoName(kind, parsing: body.toRepo), by: who)
        return .json(.object([("url", .text(url(of: moved.name)))]))
    }

    fileprivate func changeSettings() async throws -> Response {
        struct Body: Decodable {
            let visibility: Visibility
            let gated: Gating?
            let description: String?
            enum CodingKeys: CodingKey { case gated, description }
            init(from decoder: any Decoder) throws {
                visibility = try Visibility(from: decoder)
                let box = try decoder.container(keyedBy: CodingKeys.self)
                gated = try box.decodeIfPresent(Gating.self, forKey: .gated)
                description = try box.decodeIfPresent(String.self, forKey: .description)
            }
        }
        /// `false`, or the way requests are dealt with.
        struct Gating: Decodable {
            let isOn: Bool
            init(from decoder: any Decoder) throws {
                let box = try decoder.singleValueContainer()
                isOn = (try? box.decode(Bool.self)) ?? true
            }
        }
        let name = try repo
        let body: Body = try await json()
        if body.gated?.isOn == true {
            throw HubError(
                .invalidRequest, "gated access is not supported by this server; make the repo private and give people a role in it instead")
        }
        let changed = try await hub.changeRepo(
            name, isPrivate: try body.visibility.meansPrivate, description: body.description, expected: .none, by: who)
        return .json(.object([("private", .bool(changed.isPrivate)), ("gated", .bool(false))]))
    }

    fileprivate func duplicate() async throws -> Response {
        struct Body: Decodable {
            let repository: String
            let visibility: Visibility
            enum CodingKeys: CodingKey { case repository }
            init(from decoder: any Decoder) throws {
                repository = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .repository)
                visibility = try Visibility(from: decoder)
            }
        }
        let source = try repo
        let body: Body = try await json()
        let name = try RepoName(source.kind, parsing: body.repository)
        return try await answerWithAddress(name) {
            try await hub.duplicateRepo(source, to: name, isPrivate: try body.visibility.meansPrivate, by: who)
        }
    }
}
