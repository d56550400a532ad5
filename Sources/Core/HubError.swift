/// The one error of the house: a code from a closed list, and a sentence that names the
/// thing and the way out. Each dialect translates every code in a switch without `default`.
package struct HubError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: Code
    /// What was expected and what to do, for a person.
    package var message: String
    /// Machine-readable company of the message: the missing digests, the current head, …
    package var details: [String: String]

    package init(_ code: Code, _ message: String, details: [String: String] = [:]) {
        self.code = code
        self.message = message
        self.details = details
    }

    package var description: String { "\(code.rawValue): \(message)" }

    /// Stable words: they are part of the HTTP API and of `--json` output.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case invalidRequest = "invalid-request"
        case invalidName = "invalid-name"
        case invalidPath = "invalid-path"
        case invalidDigest = "invalid-digest"
        case digestMismatch = "digest-mismatch"
        case sizeMismatch = "size-mismatch"
        case tooLarge = "too-large"
        case rangeNotSatisfiable = "range-not-satisfiable"
        case unauthenticated
        case tokenExpired = "token-expired"
        case notPermitted = "not-permitted"
        case unknownOwner = "unknown-owner"
        case unknownRepo = "unknown-repo"
        case unknownRevision = "unknown-revision"
        case unknownFile = "unknown-file"
        case unknownBlob = "unknown-blob"
        case unknownUpload = "unknown-upload"
        case unknownAlias = "unknown-alias"
        case unknownToken = "unknown-token"
        case unknownLock = "unknown-lock"
        case unknownEndpoint = "unknown-route"
        case unknownServing = "unknown-endpoint"
        case unknownRelease = "unknown-release"
        case unknownPlan = "unknown-plan"
        case unknownTenant = "unknown-tenant"
        case unknownWebhook = "unknown-webhook"
        case methodNotAllowed = "method-not-allowed"
        case ownerExists = "owner-exists"
        case repoExists = "repo-exists"
        case versionExists = "version-exists"
        case refExists = "ref-exists"
        case endpointExists = "endpoint-exists"
        case tenantExists = "tenant-exists"
        case webhookExists = "webhook-exists"
        case releaseActive = "release-active"
        case orderRefused = "order-refused"
        case headMoved = "head-moved"
        case preconditionFailed = "precondition-failed"
        case preconditionRequired = "precondition-required"
        case idempotencyConflict = "idempotency-conflict"
        case lineageCycle = "lineage-cycle"
        case protected
        case blobsMissing = "blobs-missing"
        case notCapable = "not-capable"
        case notInControl = "not-in-control"
        case storageFull = "storage-full"
        case storageDamaged = "storage-damaged"
        case unavailable
        case internalError = "internal-error"
    }
}
