import API
import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Release
import Wire

extension NativeRoutes {
    static let releaseHandlers: [Endpoint: Handler] = [
        .listReleases: { call in
            let paging = try call.paging
            let found = try call.hub.releases(
                of: try call.queriedEndpoint, phase: try call.phase, before: try call.before, limit: paging.limit, for: call.who)
            let next = found.count == paging.limit ? found.last.map { Paging.cursor(after: "\($0.row)") } : nil
            return try .json(Page(items: found.map { ReleaseInfo($0.facts) }, next: next))
        },
        .showRelease: { call in try .release(try call.hub.release(try call.releaseID, for: call.who)) },
        .showAnalysis: { call in
            let id = try call.releaseID
            let facts = try call.hub.release(id, for: call.who)
            return try .json(AnalysisInfo(facts, try call.hub.analysis(of: id, for: call.who)))
        },
        .listDecisions: { call in
            let paging = try call.paging
            let found = try call.hub.decisions(of: try call.releaseID, after: try call.behind, limit: paging.limit, for: call.who)
            return try .page(found.map(DecisionInfo.init), paging) { Paging.cursor(after: "\($0.sequence)") }
        },
        .listReleaseEvents: { call in
            let (id, paging) = (try call.releaseID, try call.paging)
            if call.request.headers[.accept]?.contains("text/event-stream") == true { return try ReleaseStream(call, id).response }
            let found = try call.hub.releaseEvents(of: id, after: try call.behind, limit: paging.limit, for: call.who)
            return try .page(found.map(ReleaseEventInfo.init), paging) { Paging.cursor(after: "\($0.sequence)") }
        },
        .listApprovals: { call in
            try .json(Page(items: try call.hub.approvals(of: try call.releaseID, for: call.who).map(ApprovalInfo.init)))
        },
        .pauseRelease: { call in try await call.order { .pause(reason: try await call.reason()) } },
        .resumeRelease: { call in try await call.order { .resume(reason: try await call.reason()) } },
        .rejectRelease: { call in try await call.order { .reject(reason: try await call.reason()) } },
        .promoteRelease: { call in try await call.order { .promote(reason: try await call.reason()) } },
        .abortRelease: { call in try await call.order { .abort(reason: try await call.reason()) } },
        .approveRelease: { call in
            try await call.order {
                let body: ApproveOrder = try await call.jsonOrNothing() ?? ApproveOrder()
                return .approve(generation: body.generation, lock: try body.lock.map { try Digest(parsing: $0) }, comment: body.comment ?? "")
            }
        },
        .retryRelease: { call in
            let id = try call.releaseID
            try call.match(try call.hub.release(id, for: call.who).generation)
            return try .release(try await call.hub.retry(id, idempotencyKey: try call.idempotencyKey, by: call.who), status: 201)
        }
    ]
}

extension Call {
    fileprivate var phase: Release.Phase? {
        get throws(HubError) {
            guard let text = query("phase") else { return nil }
            guard let phase = Release.Phase(rawValue: text) else {
                throw HubError(
                    .invalidRequest,
                    "'\(FilePath.printable(String(text.prefix(40))))' is not a phase: expected one of \(Release.Phase.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            return phase
        }
    }

    /// The precondition first: without it the order is not even read.
    fileprivate func order(_ order: () async throws -> OperatorOrder) async throws -> Response {
        let (id, expected) = (try releaseID, try mustMatch)
        return try .release(try await hub.order(id, try await order(), expected: expected, by: who))
    }

    fileprivate func reason() async throws -> String {
        let body: OrderReason? = try await jsonOrNothing()
        let reason = body?.reason ?? ""
        guard reason.utf8.count <= 2000 else { throw HubError(.tooLarge, "a reason has at most 2000 bytes; this one has \(reason.utf8.count)") }
        return reason
    }
}
