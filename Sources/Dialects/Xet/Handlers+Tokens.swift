import Core
import HTTPTypes
import Hub
import Hummingbird
import Wire

extension XetRoutes {
    static let tokenRoutes: [(method: String, pattern: String, value: Handler)] = [
        (
            "GET", "/api/{kind:models|datasets}/{owner}/{name}/{scope:xet-read-token|xet-write-token}/{revision*}",
            { call in
                let repo = try RepoName(
                    try call.value("kind") == "datasets" ? .dataset : .model, owner: try call.value("owner"), name: try call.value("name"))
                let scope: XetScope = try call.value("scope") == "xet-write-token" ? .write : .read
                // Where a commit will open a pull request, what stands for the revision is no name of one.
                let revision = scope == .read ? try RevisionSpec(parsing: try call.value("revision")) : .main
                let token = try await call.hub.xetToken(scope, for: repo, at: revision, by: call.context.principal)
                return try answer(token, address: token.address(at: RequestOrigin(call.request).url))
            }
        )
    ]

    private struct TokenBody: Encodable {
        let accessToken: String
        let exp: Int64
        let casUrl: String
    }

    /// In both forms: uploads read the body, downloads the headers.
    private static func answer(_ token: XetToken, address: String) throws -> Response {
        var response = try Response.json(TokenBody(accessToken: token.text, exp: token.expires.seconds, casUrl: address))
        response.headers[HTTPField.Name("X-Xet-Cas-Url")!] = address
        response.headers[HTTPField.Name("X-Xet-Access-Token")!] = token.text
        response.headers[HTTPField.Name("X-Xet-Token-Expiration")!] = "\(token.expires.seconds)"
        return response
    }
}
