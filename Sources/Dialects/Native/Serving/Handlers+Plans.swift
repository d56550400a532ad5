import API
import Core
import Hub
import Hummingbird
import Release
import Wire

extension NativeRoutes {
    static let planHandlers: [Endpoint: Handler] = [
        .makePlan: { call in
            let wish = try Wish(try await call.text(), endpoint: try call.queriedEndpoint, hub: call.hub, for: call.who)
            let plan = try await call.hub.plan(wish.draft, capabilities: call.serving.traffic, by: call.who)
            return try .json(PlanInfo(plan, warnings: wish.warnings), status: 201)
        },
        .showPlan: { call in
            try .json(PlanInfo(try call.hub.plan(try Digest(parsing: call.value("hash")), for: call.who)))
        },
        .createRelease: { call in
            let body: NewRelease = try await call.json()
            let applied = try await call.hub.applyPlan(
                try Digest(parsing: body.planHash), idempotencyKey: try call.idempotencyKey, by: call.who)
            return try .json(
                AppliedInfo(applied), status: applied.wasMade ? 201 : 200, etag: applied.release.map { "\"\($0.generation)\"" })
        }
    ]
}
