// Serving: endpoints, releases and what runs. Section 7 of the design of gray release.

private let mustMatch = Endpoint.Parameter(
    name: "If-Match", meaning: "the ETag last read, required: 428 without it, 412 if it changed since. `*`: whatever it is now")
private let once = Endpoint.Parameter(
    name: "Idempotency-Key", meaning: "1 to 128 visible characters; the same key and request again give the same answer")
private let endpoint = "/hub/v1/endpoints/{name}"
private let release = "/hub/v1/releases/{id}"
private let tenant = "/hub/v1/tenants/{name}"

private func order(_ name: String, _ summary: String, request: String = "OrderReason") -> Endpoint {
    Endpoint(
        "POST", release + "/actions/" + name, summary, headers: [mustMatch], request: .json(request), response: .json("ReleaseInfo"),
        access: .signedIn)
}

extension Endpoint {
    // Endpoints.
    package static let listEndpoints = Endpoint(
        "GET", "/hub/v1/endpoints", "Serving endpoints whose model you can read, by name", query: page(), response: .json("Page<EndpointInfo>"))
    package static let showEndpoint = Endpoint("GET", endpoint, "One serving endpoint", response: .json("EndpointInfo"))
    package static let putEndpoint = Endpoint(
        "PUT", endpoint,
        "Plans a manifest and carries it out at once: a release where the version changes, else the settings alone. If-Match names the endpoint that is changed, If-None-Match: * that there is none",
        headers: [mustMatch, .init(name: "If-None-Match", meaning: "`*`: there must be no such endpoint yet")],
        request: .bytes("application/yaml"), response: .json("AppliedInfo"), access: .signedIn)
    package static let deleteEndpoint = Endpoint(
        "DELETE", endpoint, "Stops serving and forgets the endpoint; its releases stay readable. Refused while a release is under way",
        headers: [mustMatch], status: 204, access: .signedIn)
    package static let showRoute = Endpoint("GET", endpoint + "/route", "Where its traffic goes now", response: .json("RouteInfo"))
    package static let listRoutes = Endpoint(
        "GET", endpoint + "/routes", "Where its traffic went, newest first", query: page(), response: .json("Page<RouteInfo>"))
    package static let listEndpointHistory = Endpoint(
        "GET", endpoint + "/history", "Releases that succeeded, newest first, each with its lock", query: page(),
        response: .json("Page<ReleaseInfo>"))
    package static let showServingLock = Endpoint(
        "GET", endpoint + "/locks/{digest}", "The bytes of a release's lock", response: .bytes("application/json"))
    package static let rollbackEndpoint = Endpoint(
        "POST", endpoint + "/actions/rollback", "Back to a version that succeeded before, as a release of its own", headers: [mustMatch, once],
        request: .json("RollbackOrder"), response: .json("ReleaseInfo"), status: 201, access: .signedIn)
    package static let showWhy = Endpoint(
        "GET", endpoint + "/why", "Which version served at a time, since which release, by what evidence, approved by whom, made from what",
        query: [.init(name: "at", meaning: "RFC 3339, such as 2026-05-03T09:30:00Z (default now)")], response: .json("WhyInfo"))
    package static let listGrants = Endpoint(
        "GET", endpoint + "/grants", "Who may do what here, besides what roles in the model's repo allow", response: .json("Page<GrantInfo>"),
        access: .admin)
    package static let setGrant = Endpoint(
        "PUT", endpoint + "/grants/{user}/{permission}", "Lets a user do something here", response: .json("GrantInfo"), access: .admin)
    package static let removeGrant = Endpoint(
        "DELETE", endpoint + "/grants/{user}/{permission}", "Takes it away", status: 204, access: .admin)

    // Plans and releases.
    package static let makePlan = Endpoint(
        "POST", "/hub/v1/plans", "What applying a manifest would do: difference, memory, capabilities, expected time. Changes nothing",
        query: [.init(name: "endpoint", meaning: "which endpoint of a manifest that holds several")], request: .bytes("application/yaml"),
        response: .json("PlanInfo"), status: 201, access: .signedIn)
    package static let showPlan = Endpoint(
        "GET", "/hub/v1/plans/{hash}", "A plan that was made before", response: .json("PlanInfo"), access: .signedIn)
    package static let createRelease = Endpoint(
        "POST", "/hub/v1/releases", "Carries a plan out; refused if anything it was based on has changed, or a release is under way",
        headers: [once], request: .json("NewRelease"), response: .json("AppliedInfo"), status: 201, access: .signedIn)
    package static let listReleases = Endpoint(
        "GET", "/hub/v1/releases", "Releases of endpoints you can see, newest first",
        query: page(
            .init(name: "endpoint", meaning: "only this endpoint's"), .init(name: "phase", meaning: "only those in this phase, such as paused")),
        response: .json("Page<ReleaseInfo>"))
    package static let showRelease = Endpoint("GET", release, "One release", response: .json("ReleaseInfo"))
    package static let showAnalysis = Endpoint(
        "GET", release + "/analysis", "Per metric: units, bad ones, evidence and what it is compared with", response: .json("AnalysisInfo"))
    package static let listDecisions = Endpoint(
        "GET", release + "/decisions", "What was decided, with the numbers it was decided from", query: page(),
        response: .json("Page<DecisionInfo>"))
    package static let listReleaseEvents = Endpoint(
        "GET", release + "/events",
        "Everything that changed it, each chained to the one before by hash. With Accept: text/event-stream they come as they happen, until the release has ended",
        query: page(), headers: [.init(name: "Last-Event-ID", meaning: "sequence number of the event received last, to go on after it")],
        response: .json("Page<ReleaseEventInfo>"))
    package static let listApprovals = Endpoint(
        "GET", release + "/approvals", "Who approved or rejected which step", response: .json("Page<ApprovalInfo>"))
    package static let pauseRelease = order("pause", "Keeps the weights as they are until somebody resumes")
    package static let resumeRelease = order("resume", "Goes on; some pauses need a reason")
    package static let approveRelease = order(
        "approve", "Lets it leave the step it waits in; counts for the generation and the lock that were looked at", request: "ApproveOrder")
    package static let rejectRelease = order("reject", "Rolls back a release that waits for an approval")
    package static let promoteRelease = order("promote", "Goes on to the bake without the evidence, with a reason; never against shown harm")
    package static let abortRelease = order("abort", "Rolls back, or withdraws it where it carried no traffic yet")
    package static let retryRelease = Endpoint(
        "POST", release + "/actions/retry", "A new release from the same lock", headers: [mustMatch, once], response: .json("ReleaseInfo"),
        status: 201,
        access: .signedIn)

    // What runs.
    package static let listBackends = Endpoint(
        "GET", "/hub/v1/backends", "Versions that serve, served or are to serve", query: [.init(name: "endpoint", meaning: "only this endpoint's")],
        response: .json("Page<BackendInfo>"))
    package static let listReplicas = Endpoint(
        "GET", "/hub/v1/replicas", "Model servers as they run now", query: [.init(name: "endpoint", meaning: "only this endpoint's")],
        response: .json("Page<ReplicaInfo>"), access: .signedIn)
    package static let showReplicaLog = Endpoint(
        "GET", "/hub/v1/replicas/{backend}/{slot}/log", "The end of what a model server wrote",
        query: [.init(name: "bytes", meaning: "at most so many, 1 to 1048576 (default 16384)")], response: .bytes("text/plain"), access: .writer)
    package static let listDrivers = Endpoint(
        "GET", "/hub/v1/drivers", "What splits traffic and runs model servers here, and what it can do", response: .json("Page<DriverInfo>"),
        access: .anyone)

    // Customers and notifications.
    package static let createTenant = Endpoint(
        "POST", "/hub/v1/tenants", "Makes a customer of the gateway; its API key is shown this once", request: .json("NewTenant"),
        response: .json("CreatedTenant"), status: 201, access: .siteAdmin)
    package static let listTenants = Endpoint(
        "GET", "/hub/v1/tenants", "Customers by name", query: page(), response: .json("Page<TenantInfo>"), access: .siteAdmin)
    package static let changeTenant = Endpoint(
        "PUT", tenant, "Changes rights and quotas", request: .json("TenantChange"), response: .json("TenantInfo"), access: .siteAdmin)
    package static let removeTenant = Endpoint(
        "DELETE", tenant, "Ends all its keys at once; what it used stays in the ledger", status: 204, access: .siteAdmin)
    package static let createTenantKey = Endpoint(
        "POST", tenant + "/keys", "Makes another API key; it is shown this once", request: .json("NewTenantKey"), response: .json("CreatedTenantKey"),
        status: 201, access: .siteAdmin)
    package static let removeTenantKey = Endpoint("DELETE", tenant + "/keys/{key}", "Ends an API key at once", status: 204, access: .siteAdmin)
    package static let listUsage = Endpoint(
        "GET", tenant + "/usage", "What it used, hour by hour: requests, tokens, seconds",
        query: [
            .init(name: "endpoint", meaning: "only this endpoint's"), .init(name: "from", meaning: "RFC 3339 (default 30 days before until)"),
            .init(name: "until", meaning: "RFC 3339 (default now)"), .init(name: "limit", meaning: "rows, 1 to 1000 (default 1000)")
        ], response: .json("Page<UsageInfo>"), access: .siteAdmin)
    package static let createWebhook = Endpoint(
        "POST", "/hub/v1/webhooks",
        "Names an address that manifests can notify: CloudEvents in JSON, signed with HMAC-SHA256, at least once, in order per release",
        request: .json("NewWebhook"), response: .json("CreatedWebhook"), status: 201, access: .siteAdmin)
    package static let listWebhooks = Endpoint(
        "GET", "/hub/v1/webhooks", "Webhooks, without their secrets", response: .json("Page<WebhookInfo>"), access: .siteAdmin)
    package static let deleteWebhook = Endpoint(
        "DELETE", "/hub/v1/webhooks/{name}", "Forgets a webhook and what it has not received", status: 204, access: .siteAdmin)

    static let serving: [Endpoint] = [
        listEndpoints, showEndpoint, putEndpoint, deleteEndpoint, showRoute, listRoutes, listEndpointHistory, showServingLock, rollbackEndpoint,
        showWhy, listGrants, setGrant, removeGrant, makePlan, showPlan, createRelease, listReleases, showRelease, showAnalysis, listDecisions,
        listReleaseEvents, listApprovals, pauseRelease, resumeRelease, approveRelease, rejectRelease, promoteRelease, abortRelease, retryRelease,
        listBackends, listReplicas, showReplicaLog, listDrivers, createTenant, listTenants, changeTenant, removeTenant, createTenantKey,
        removeTenantKey, listUsage, createWebhook, listWebhooks, deleteWebhook
    ]
}
