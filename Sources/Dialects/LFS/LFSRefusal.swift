import Core
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire

extension HubError.Code {
    /// The status git-lfs clients are told (git-lfs API, "Batch", response errors). No `default`: a new
    /// code is decided here.
    var lfsStatus: Int {
        switch self {
        case .unauthenticated, .tokenExpired: 401
        case .notPermitted: 403
        case .unknownOwner, .unknownRepo, .unknownRevision, .unknownFile, .unknownBlob, .unknownUpload, .unknownAlias, .unknownToken,
            .unknownLock, .unknownEndpoint, .unknownServing, .unknownRelease, .unknownPlan, .unknownTenant, .unknownWebhook:
            404
        case .methodNotAllowed: 405
        case .ownerExists, .repoExists, .versionExists, .refExists, .headMoved, .lineageCycle, .protected, .blobsMissing, .endpointExists,
            .tenantExists, .webhookExists, .releaseActive, .orderRefused, .notCapable:
            409
        case .preconditionFailed: 412
        case .preconditionRequired: 428
        case .tooLarge: 413
        case .rangeNotSatisfiable: 416
        case .invalidRequest, .invalidName, .invalidPath, .invalidDigest, .digestMismatch, .sizeMismatch, .idempotencyConflict: 422
        case .internalError, .storageDamaged: 500
        case .unavailable, .notInControl: 503
        case .storageFull: 507
        }
    }
}

/// Refusals as git-lfs reads them.
enum LFSRefusal {
    /// In the details of an error: the status, where the API has one that no code of ours stands for.
    private static let statusKey = "lfs-status"

    static let notAcceptable = HubError(
        .invalidRequest, "answers are \(Response.lfsType); send 'Accept: \(Response.lfsType)'", details: [statusKey: "406"])

    static func unknownHash(_ name: String) -> HubError {
        HubError(
            .invalidRequest, "objects are named by sha256 here, not by '\(FilePath.printable(name.prefix(40)))'; leave hash_algo out",
            details: [statusKey: "409"])
    }

    static let noLocks = HubError(
        .invalidRequest, "files cannot be locked here: revisions are immutable, and a commit that lost a race is refused, so nothing is overwritten",
        details: [statusKey: "501"])

    /// git asks its credential helper only after a 401: to somebody without a token, a repo that is
    /// hidden or not there needs one.
    static func shown(_ error: HubError, to who: Principal) -> HubError {
        guard error.code == .unknownRepo, who.user == nil else { return error }
        return HubError(
            .unauthenticated, "this repo is not there, or is private: send a token as the password of any user, or as 'Authorization: Bearer …'")
    }

    static func response(_ error: HubError, _ context: WireContext) -> Response {
        struct Body: Encodable {
            let message: String
            let requestID: String
            enum CodingKeys: String, CodingKey {
                case message
                case requestID = "request_id"
            }
        }
        let status = error.details[statusKey].flatMap { Int($0) } ?? error.code.lfsStatus
        var headers = HTTPFields([HTTPField(name: .contentType, value: Response.lfsType)])
        headers[.cacheControl] = "no-store"
        if status == 401 {
            headers[HTTPField.Name("LFS-Authenticate")!] = "Basic realm=\"grayling\""
            headers[.wwwAuthenticate] = "Basic realm=\"grayling\""
        }
        if status == 503 { headers[.retryAfter] = "2" }
        if let allow = error.details["allow"] { headers[.allow] = allow }
        // Two strings always encode; the plain sentence stands in if they did not.
        let bytes = (try? JSONEncoder().encode(Body(message: error.message, requestID: context.requestID))) ?? Data(error.message.utf8)
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: bytes)))
    }
}
