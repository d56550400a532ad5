import API
package import Core
import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
import NIOFoundationCompat

extension HubError.Code {
    /// The HTTP status of our own API. No `default`: a new code is decided here.
    package var status: Int {
        switch self {
        case .invalidRequest, .invalidName, .invalidPath, .invalidDigest, .digestMismatch, .sizeMismatch: 400
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
        case .idempotencyConflict: 422
        case .internalError, .storageDamaged: 500
        case .unavailable, .notInControl: 503
        case .storageFull: 507
        }
    }

    /// One short line that is the same for every error of this code.
    var title: String {
        let words = rawValue.replacing("-", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

/// Errors as problem details (RFC 9457).
package enum NativeProblem {
    package static func response(_ error: HubError, requestID: String) -> Response {
        let status = error.code.status
        let problem = Problem(
            type: "urn:grayling:error:\(error.code.rawValue)", title: error.code.title, status: status, detail: error.message,
            code: error.code.rawValue, requestID: requestID, details: error.details.isEmpty ? nil : error.details)
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/problem+json")])
        headers[.cacheControl] = "no-store"
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"grayling\"" }
        if status == 503 { headers[.retryAfter] = "2" }
        if let etag = error.details["etag"], !etag.isEmpty { headers[.eTag] = etag }
        if let allow = error.details["allow"] { headers[.allow] = allow }
        // A value of strings and numbers always encodes; the plain sentence stands in if it did not.
        let bytes = (try? JSON.encode(problem)) ?? Data(error.message.utf8)
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: bytes)))
    }
}
