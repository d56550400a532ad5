package import API
package import Core

/// What a person tells a release to do.
package enum ReleaseOrder: Sendable {
    case pause(reason: String?)
    case resume(reason: String?)
    case approve(comment: String?)
    case reject(reason: String?)
    case promote(reason: String?)
    case abort(reason: String?)

    var endpoint: Endpoint {
        switch self {
        case .pause: .pauseRelease
        case .resume: .resumeRelease
        case .approve: .approveRelease
        case .reject: .rejectRelease
        case .promote: .promoteRelease
        case .abort: .abortRelease
        }
    }

    /// An approval counts for what was looked at.
    func body(_ seen: ReleaseInfo) -> any Encodable & Sendable {
        switch self {
        case .approve(let comment): ApproveOrder(comment: comment, generation: seen.generation, lock: seen.lock)
        case .pause(let reason), .resume(let reason), .reject(let reason), .promote(let reason), .abort(let reason): OrderReason(reason: reason)
        }
    }
}

extension Session {
    /// Gives an order about a release as it was `seen`: where it changed since, the server refuses.
    package func order(_ order: ReleaseOrder, _ seen: ReleaseInfo) async throws -> ReleaseInfo {
        try await call(order.endpoint, [seen.id], body: order.body(seen), headers: [("If-Match", seen.etag)])
    }

    package func release(_ id: ReleaseID) async throws -> ReleaseInfo { try await call(.showRelease, [id.description]) }
}
