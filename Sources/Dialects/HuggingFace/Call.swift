import Core
import Foundation
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire

/// One request on its way to one use-case, with its parts parsed at the door.
///
/// A name that cannot be is answered like one that is not: clients ask whether something exists by
/// asking for it, and choose what to do next by the kind of refusal.
struct Call: Sendable {
    let routes: HuggingFaceRoutes
    let request: Request
    let context: WireContext
    let values: [String: String]
    let query: FormText

    init(_ routes: HuggingFaceRoutes, _ request: Request, _ context: WireContext, _ values: [String: String]) throws(HubError) {
        self.routes = routes
        self.request = request
        self.context = context
        self.values = values
        query = try FormText(request.uri.query ?? "")
    }

    var hub: Hub { routes.hub }
    var who: Principal { context.principal }
    var origin: String { RequestOrigin(request).url }

    func value(_ name: String) throws(HubError) -> String {
        guard let value = values[name] else { throw HubError(.internalError, "a route of Hugging Face's has no parameter \(name)") }
        return value
    }

    /// nil for spaces, of which there are none here.
    var kind: RepoKind? {
        switch values["kind"] {
        case "spaces": nil
        case "datasets": .dataset
        default: .model
        }
    }

    var repo: RepoName {
        get throws(HubError) { try Self.repo(kind, owner: try value("owner"), name: try value("name")) }
    }

    static func repo(_ kind: RepoKind?, owner: String, name: String) throws(HubError) -> RepoName {
        guard let kind else {
            throw HubError(.unknownRepo, "there is no space \(FilePath.printable(owner))/\(FilePath.printable(name)): \(noSpaces)")
        }
        do throws(HubError) {
            return try RepoName(kind, owner: owner, name: name)
        } catch {
            throw HubError(.unknownRepo, error.message)
        }
    }

    static let noSpaces = "Spaces are not supported by this server; it holds models and datasets"

    /// The kind that a body names; absent means a model.
    static func kind(_ type: String?) throws(HubError) -> RepoKind {
        switch type {
        case nil, "model": return .model
        case "dataset": return .dataset
        case "space": throw HubError(.invalidRequest, noSpaces)
        default: throw HubError(.invalidRequest, "'\(FilePath.printable(type ?? ""))' is not a type of repo here: expected model or dataset")
        }
    }

    var revision: RevisionSpec {
        get throws(HubError) { try Self.revision(try value("rev")) }
    }

    static func revision(_ text: String) throws(HubError) -> RevisionSpec {
        do throws(HubError) {
            return try RevisionSpec(parsing: try short(text))
        } catch {
            throw HubError(.unknownRevision, error.message)
        }
    }

    /// The branch that is written to.
    var branch: RefName {
        get throws(HubError) {
            guard case .name(let name) = try revision else {
                throw HubError(.invalidRequest, "a commit id cannot be written to; name a branch, such as main")
            }
            return name
        }
    }

    /// A name without `refs/heads/` or `refs/tags/`. Pull requests are told apart from typing errors.
    static func short(_ name: String) throws(HubError) -> Substring {
        for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) { return name.dropFirst(prefix.count) }
        if name.hasPrefix("refs/pr/") || name.hasPrefix("refs/convert/") {
            throw HubError(
                .unknownRevision, "there is no \(FilePath.printable(name)): pull requests and conversions are not supported by this server")
        }
        return name[...]
    }

    func json<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body {
        let bytes = try await BodyReader(request, context).collect(limit: hub.limits.requestBody)
        return try JSONDecoder().decode(type, from: bytes.readableBytes == 0 ? Data("{}".utf8) : Data(buffer: bytes))
    }

    /// The address of a repo, as clients parse it.
    func url(of repo: RepoName) -> String { "\(origin)/\(repo.kind == .dataset ? "datasets/" : "")\(repo.path)" }

    /// This request's address with another cursor, for `Link`.
    func next(cursor: String) -> String {
        let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        return "\(origin)\(request.uri.path)?" + (kept + ["cursor=\(Paging.cursor(after: cursor))"[...]]).joined(separator: "&")
    }

    /// What stood behind the last item of the page before.
    var cursor: String? {
        get throws(HubError) { try Paging(limit: nil, cursor: query["cursor"]).after }
    }

    /// How many items a page may have.
    func limit(usual: Int, most: Int) throws(HubError) -> Int {
        guard let text = query["limit"] else { return usual }
        guard let number = Int(text), number > 0 else {
            throw HubError(.invalidRequest, "'\(FilePath.printable(text))' is not a limit: expected a number above 0")
        }
        return min(number, most)
    }
}

extension Response {
    static func json(_ body: JSON, status: Int = 200, next: String? = nil) -> Response {
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json; charset=utf-8")])
        headers[.cacheControl] = "no-store"
        if let next { headers[HTTPField.Name("Link")!] = "<\(next)>; rel=\"next\"" }
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: body.bytes))
    }

    static let done = Response.json(.object([]))
}
