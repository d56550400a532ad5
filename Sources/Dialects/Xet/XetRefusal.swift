import Core
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Wire

extension HubError.Code {
    /// The status that the chunk store answers with, and what the hub's clients read in `X-Error-Code`.
    /// Clients repeat what is 5xx, and take the rest for final. No `default`: a new code is decided
    /// here.
    package var xet: (status: Int, errorCode: String?) {
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

enum XetRefusal {
    private static let errorCode = HTTPField.Name("X-Error-Code")!
    private static let errorMessage = HTTPField.Name("X-Error-Message")!

    /// In the hub's own form: clients read headers first.
    static func ofHub(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        var (status, code) = error.code.xet
        // Whoever has no token is told that one might help; what is hidden and what is absent look alike.
        if code == "RepoNotFound", context.principal.user == nil { status = 401 }
        var response = response(error, status, request)
        response.headers[errorCode] = code
        response.headers[errorMessage] = String(
            decoding: error.message.unicodeScalars.prefix(500).map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : 0x3F }, as: UTF8.self)
        return response
    }

    /// - Parameter isForBytes: addresses that carry their own permission. A 403 makes clients ask for new
    ///   ones, so that is what an address gets that has ended, or whose bytes have gone.
    static func ofStore(_ error: HubError, _ request: Request, isForBytes: Bool) -> Response {
        var status = error.code.xet.status
        if isForBytes, status == 401 || status == 404 { status = 403 }
        return response(error, status, request)
    }

    private static func response(_ error: HubError, _ status: Int, _ request: Request) -> Response {
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json")])
        headers[.cacheControl] = "no-store"
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"grayling\"" }
        if status == 503 { headers[.retryAfter] = "2" }
        if let allow = error.details["allow"] { headers[.allow] = allow }
        if status == 416, let size = error.details["size"] { headers[.contentRange] = "bytes */\(size)" }
        // A sentence always encodes; it stands by itself if it did not.
        let body = (try? JSONEncoder().encode(["error": error.message])) ?? Data(error.message.utf8)
        return Response(
            status: .init(code: status), headers: headers,
            body: request.method == .head ? .init() : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
