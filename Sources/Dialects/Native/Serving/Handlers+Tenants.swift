import API
import Core
import Hub
import Hummingbird
import Release
import Wire

extension NativeRoutes {
    static let tenantHandlers: [Endpoint: Handler] = [
        .createTenant: { call in
            let body: NewTenant = try await call.json()
            let made = try await call.hub.createTenant(
                body.name, mayPin: body.mayPin ?? false, requestsPerMinute: body.requestsPerMinute, tokensPerDay: body.tokensPerDay, by: call.who)
            return try .json(CreatedTenant(key: made.key, tenant: TenantInfo(made.tenant)), status: 201)
        },
        .listTenants: { call in
            let paging = try call.paging
            let found = try call.hub.listTenants(after: paging.after ?? "", limit: paging.limit, for: call.who)
            return try .page(found.map(TenantInfo.init), paging) { Paging.cursor(after: $0.name) }
        },
        .changeTenant: { call in
            let body: TenantChange = try await call.json()
            let changed = try await call.hub.changeTenant(
                try call.value("name"), mayPin: body.mayPin, requestsPerMinute: body.requestsPerMinute, tokensPerDay: body.tokensPerDay,
                by: call.who)
            return try .json(TenantInfo(changed))
        },
        .removeTenant: { call in
            try await call.hub.removeTenant(try call.value("name"), by: call.who)
            return .noContent
        },
        .createTenantKey: { call in
            let body: NewTenantKey = try await call.json()
            let key = try await call.hub.addTenantKey(try call.value("name"), keyName: body.name, by: call.who)
            return try .json(CreatedTenantKey(name: body.name, key: key), status: 201)
        },
        .removeTenantKey: { call in
            try await call.hub.removeTenantKey(try call.value("name"), keyName: try call.value("key"), by: call.who)
            return .noContent
        },
        .listUsage: { call in
            let until = try call.moment("until") ?? call.hub.now
            let from = try call.moment("from") ?? until.adding(seconds: -30 * 86_400)
            let limit = try Paging(limit: call.query("limit") ?? "1000", cursor: nil).limit
            let rows = try call.hub.usage(
                tenant: try call.value("name"), endpoint: try call.queriedEndpoint, from: from, until: until, limit: limit, for: call.who)
            return try .json(Page(items: rows.map(UsageInfo.init)))
        },
        .createWebhook: { call in
            let body: NewWebhook = try await call.json()
            try DeployName.check(body.name, what: "webhook name")
            let made = try await call.hub.createWebhook(body.name, url: body.url, secret: body.secret, by: call.who)
            return try .json(CreatedWebhook(secret: made.secret, webhook: WebhookInfo(made.webhook)), status: 201)
        },
        .listWebhooks: { call in try .json(Page(items: try call.hub.webhooks(for: call.who).map(WebhookInfo.init))) },
        .deleteWebhook: { call in
            try await call.hub.deleteWebhook(try call.value("name"), by: call.who)
            return .noContent
        }
    ]
}
