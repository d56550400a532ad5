import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// How this dialect's clients are refused: they read headers first, and on HEAD nothing else.
enum Refusal {
    /// What clients compare letter by letter, to tell a wrong token from a missing repo.
    private static let wrongToken = "Invalid credentials in Authorization header"
    static let errorCode = HTTPField.Name("X-Error-Code")!
    static let errorMessage = HTTPField.Name("X-Error-Message")!

    static func response(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        let (status, code) = error.code.huggingFace(for: context.principal)
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json; charset=utf-8")])
        headers[.cacheControl] = "no-store"
        var message = error.message
        if error.code.huggingFace.status == 401, Credentials.token(from: request.headers) != nil { message = wrongToken }
        headers[errorCode] = code
        headers[errorMessage] = HeaderText.line(message)
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"grayling\"" }
        if status == 503 { headers[.retryAfter] = "2" }
        if let commit = error.details["commit"] { headers[ResolveHeaders.repoCommit] = commit }
        if let allow = error.details["allow"] { headers[.allow] = allow }
        let body = JSON.object([("error", .text(message)), ("url", .text(error.details["url"]))]).bytes
        return Response(
            status: .init(code: status), headers: headers, body: request.method == .head ? .init() : ResponseBody(byteBuffer: body))
    }
}
