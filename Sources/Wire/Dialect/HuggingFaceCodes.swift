package import Core

// Two dialects speak with Hugging Face's clients, the Hub API and the chunk store of Xet: refusals mean the
// same in both.

extension HubError.Code {
    /// The status, and the `X-Error-Code` by which the client chooses the class of its exception. The
    /// chunk store answers with the same status: its clients repeat what is 5xx, and take the rest for
    /// final. No `default`: a new code is decided here.
    package var huggingFace: (status: Int, errorCode: String?) {
        switch self {
        case .invalidRequest, .invalidName, .invalidPath, .invalidDigest, .digestMismatch, .sizeMismatch, .blobsMissing: (400, nil)
        case .unauthenticated, .tokenExpired: (401, nil)
        case .notPermitted, .protected: (403, nil)
        case .unknownRepo: (404, "RepoNotFound")
        case .unknownRevision, .unknownAlias: (404, "RevisionNotFound")
        case .unknownFile: (404, "EntryNotFound")
        case .unknownOwner, .unknownBlob, .unknownUpload, .unknownToken, .unknownLock, .unknownEndpoint, .unknownServing, .unknownRelease,
            .unknownPlan, .unknownTenant, .unknownWebhook:
            (404, nil)
        case .methodNotAllowed: (405, nil)
        case .ownerExists, .repoExists, .versionExists, .refExists, .lineageCycle, .endpointExists, .tenantExists, .webhookExists, .releaseActive,
            .orderRefused, .notCapable:
            (409, nil)
        case .headMoved, .preconditionFailed: (412, nil)
        case .preconditionRequired: (428, nil)
        case .tooLarge: (413, nil)
        case .rangeNotSatisfiable: (416, nil)
        case .idempotencyConflict: (422, nil)
        case .internalError, .storageDamaged: (500, nil)
        case .unavailable, .notInControl: (503, nil)
        case .storageFull: (507, nil)
        }
    }

    /// The same for somebody: whoever has no token is told that one might help; what is hidden and what
    /// is absent look alike.
    package func huggingFace(for who: Principal) -> (status: Int, errorCode: String?) {
        let answer = huggingFace
        return self == .unknownRepo && who.user == nil ? (401, answer.errorCode) : answer
    }
}

package enum HeaderText {
    /// A header holds one line of ASCII: what is none becomes `?`, and at most 500 signs are kept.
    package static func line(_ message: String) -> String {
        String(decoding: message.unicodeScalars.prefix(500).map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : 0x3F }, as: UTF8.self)
    }
}
