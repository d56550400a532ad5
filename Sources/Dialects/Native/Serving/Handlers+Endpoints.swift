import API
import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Release
import Wire

extension NativeRoutes {
    static let endpointHandlers: [Endpoint: Handler] = [
        .listEndpoints: { call in
            let paging = try call.paging
            let found = try call.hub.endpoints(after: try paging.after.map { try EndpointName(parsing: $0) }, limit: paging.limit, for: call.who)
            return try .page(found.map(EndpointInfo.init), paging) { Paging.cursor(after: $0.name) }
        },
        .showEndpoint: { call in
            let info = EndpointInfo(try call.hub.endpoint(try call.endpointName, for: call.who))
            return try .json(info, etag: info.etag)
        },
        .putEndpoint: { call in
            let name = try call.endpointName
            try call.matchEndpoint(name)
            let wish = try Wish(try await call.text(), endpoint: name, hub: call.hub, for: call.who)
            let plan = try await call.hub.plan(wish.draft, capabilities: call.serving.traffic, by: call.who)
            // Between the two the endpoint may change: then the plan is no longer current, and refused.
            try call.matchPlan(plan)
            let applied = try await call.hub.applyPlan(plan.hash, idempotencyKey: nil, by: call.who)
            return try .json(AppliedInfo(applied), etag: EndpointInfo(applied.endpoint).etag)
        },
        .deleteEndpoint: { call in
            try await call.hub.deleteEndpoint(try call.endpointName, expected: try call.mustMatch, by: call.who)
            return .noContent
        },
        .showRoute: { call in
            let info = RouteInfo(try call.hub.route(of: try call.endpointName, for: call.who))
            return try .json(info, etag: "\"\(info.generation)\"")
        },
        .listRoutes: { call in
            let paging = try call.paging
            let found = try call.hub.routes(of: try call.endpointName, before: try call.before, limit: paging.limit, for: call.who)
            return try .page(found.map(RouteInfo.init), paging) { Paging.cursor(after: "\($0.generation)") }
        },
        .listEndpointHistory: { call in
            let paging = try call.paging
            let found = try call.hub.history(of: try call.endpointName, before: try call.before, limit: paging.limit, for: call.who)
            let next = found.count == paging.limit ? found.last.map { Paging.cursor(after: "\($0.id.number)") } : nil
            return try .json(Page(items: found.map(ReleaseInfo.init), next: next))
        },
        .showServingLock: { call in
            let digest = try call.digest
            let bytes = try call.hub.servingLock(digest, of: try call.endpointName, for: call.who)
            return .text(ByteBuffer(bytes: bytes), type: "application/json", etag: "\"\(digest.hex)\"")
        },
        .rollbackEndpoint: { call in
            let name = try call.endpointName
            try call.match(try call.hub.endpoint(name, for: call.who).generation)
            let body: RollbackOrder = try await call.json()
            let made = try await call.hub.rollback(
                name, to: try body.to.map { try ReleaseID(parsing: $0) }, reason: body.reason ?? "", idempotencyKey: try call.idempotencyKey,
                by: call.who)
            return try .release(made, status: 201)
        },
        .showWhy: { call in
            try .json(WhyInfo(try call.hub.why(try call.endpointName, at: try call.moment("at"), for: call.who)))
        },
        .listGrants: { call in
            let grants = try call.hub.grants(of: try call.endpointName, for: call.who)
            return try .json(Page(items: grants.map { GrantInfo(user: $0.user, permission: $0.permission.description) }))
        },
        .setGrant: { call in
            let grant = try call.grant
            try await call.hub.setGrant(grant, of: try call.endpointName, by: call.who)
            return try .json(GrantInfo(user: grant.user, permission: grant.permission.description))
        },
        .removeGrant: { call in
            try await call.hub.removeGrant(try call.grant, of: try call.endpointName, by: call.who)
            return .noContent
        }
    ]
}

extension Call {
    fileprivate var grant: EndpointGrant {
        get throws(HubError) {
            EndpointGrant(user: try OwnerName(parsing: value("user")).text, permission: try EndpointPermission(parsing: value("permission")))
        }
    }

    private var mustBeNew: Bool { request.headers[.ifNoneMatch] == "*" }

    /// The endpoint that the request is about must be the one it means.
    fileprivate func matchEndpoint(_ name: EndpointName) throws {
        if mustBeNew { return }
        _ = try mustMatch
        try match(try hub.endpoint(name, for: who).generation)
    }

    fileprivate func matchPlan(_ plan: PlanFacts) throws(HubError) {
        guard mustBeNew else { return try match(plan.endpointGeneration) }
        guard plan.endpointGeneration == 0 else {
            throw HubError(
                .preconditionFailed, "there is an endpoint '\(plan.endpoint)' already; to change it, send If-Match with its ETag",
                details: ["etag": "\"\(plan.endpointGeneration)\""])
        }
    }
}

extension Response {
    static func release(_ facts: ReleaseFacts, status: Int = 200) throws -> Response {
        let info = ReleaseInfo(facts)
        return try .json(info, status: status, etag: info.etag)
    }
}
