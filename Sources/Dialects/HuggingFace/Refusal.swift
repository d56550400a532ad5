import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Wire

extension HubError.Code {
    /// The status, and the `X-Error-Code` by which the client chooses the class of its exception. No
    /// `default`: a new code is decided here.
    var huggingFace: (status: Int, errorCode: String?) {
        switch self {
        case .invalidRequest, .invalidName, .invalidPath, .invalidDigest, .digestMismatch, .sizeMismatch, .blobsMissing: (400, nil)
        case .unauthenticated, .tokenExpired: (401, nil)
        case .notPermitted, .protected: (403, nil)
        case .unknownRepo: (404, "RepoNotFound")
        case .unknownRevision, .unknownAlias: (404, "RevisionNotFound")
        case .unknownFile: (404, "EntryNotFound")
        case .unknownOwner, .unknownBlob, .unknownUpload, .unknownToken, .unknownLock, .unknownEndpoint: (404, nil)
        case .methodNotAllowed: (405, nil)
        case .ownerExists, .repoExists, .versionExists, .refExists, .lineageCycle: (409, nil)
        case .headMoved, .preconditionFailed: (412, nil)
        case .tooLarge: (413, nil)
        case .rangeNotSatisfiable: (416, nil)
        case .idempotencyConflict: (422, nil)
        case .internalError, .storageDamaged: (500, nil)
        case .unavailable: (503, nil)
        case .storageFull: (507, nil)
        }
    }
}

/// How this dialect's clients are refused: they read headers first, and on HEAD nothing else.
enum Refusal {
    /// What clients compare letter by letter, to tell a wrong token from a missing repo.
    private static let wrongToken = "Invalid credentials in Authorization header"
    static let errorCode = HTTPField.Name("X-Error-Code")!
    static let errorMessage = HTTPField.Name("X-Error-Message")!

    static func response(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        var (status, code) = error.code.huggingFace
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json; charset=utf-8")])
        headers[.cacheControl] = "no-store"
        var message = error.message
        if status == 401, Credentials.token(from: request.headers) != nil { message = wrongToken }
        // Whoever has no token is told that one might help; what is hidden and what is absent look alike.
        if code == "RepoNotFound", context.principal.user == nil { status = 401 }
        headers[errorCode] = code
        headers[errorMessage] = Self.inHeader(message)
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"grayling\"" }
        if status == 503 { headers[.retryAfter] = "2" }
        if let commit = error.details["commit"] { headers[ResolveHeaders.repoCommit] = commit }
        if let allow = error.details["allow"] { headers[.allow] = allow }
        let body = JSON.object([("error", .text(message)), ("url", .text(error.details["url"]))]).bytes
        return Response(
            status: .init(code: status), headers: headers, body: request.method == .head ? .init() : ResponseBody(byteBuffer: body))
    }

    /// A header holds one line of ASCII.
    static func inHeader(_ message: String) -> String {
        String(decoding: message.unicodeScalars.prefix(500).map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : 0x3F }, as: UTF8.self)
    }
}
