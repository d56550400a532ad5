import API
import Core
import Hub
import Release

// The values of serving as the API writes them.

extension BackendLabelInfo {
    init(_ label: BackendLabel) { self.init(label.id, label.model) }
    init(_ id: BackendID, _ model: PinnedModel) {
        self.init(id: id.hex, model: model.repo.path, version: model.version, commit: model.commit.hex, manifest: model.manifest.description)
    }
}

extension EndpointInfo {
    init(_ facts: EndpointFacts) {
        let spec = facts.spec
        self.init(
            name: spec.name.text, publicNames: spec.publicNames, wire: spec.wire.rawValue, access: spec.access.rawValue, repo: facts.repo?.path,
            stable: facts.stable.map { BackendLabelInfo($0) }, stableSince: facts.stableSince?.description, active: facts.active?.description,
            pending: facts.pending.map(\.description), route: facts.route,
            drift: facts.drift.map { DriftInfo(asked: $0.asked, applied: $0.applied.hex, now: $0.now?.hex) },
            unit: spec.assignment.unit.rawValue, keys: spec.assignment.keys.map(\.description), objectives: spec.objectives.map(ObjectiveInfo.init),
            keepReleases: spec.keepReleases, created: facts.created.description, updated: facts.updated.description,
            generation: facts.generation, etag: "\"\(facts.generation)\"")
    }
}

extension ObjectiveInfo {
    init(_ objective: Objective) {
        switch objective.source {
        case .requests:
            self.init(
                name: objective.name, source: objective.source.rawValue, bad: objective.bad.description, slo: objective.slo,
                relativeLimit: objective.relativeLimit, compare: objective.compare.rawValue, mode: objective.mode.rawValue,
                isReportOnly: objective.isReportOnly)
        case .pairedShadow:
            self.init(
                name: objective.name, source: objective.source.rawValue, scorer: objective.scorer?.rawValue, margin: objective.margin,
                isReportOnly: objective.isReportOnly)
        }
    }
}

extension RouteInfo {
    init(_ facts: RouteFacts) {
        let route = facts.route
        self.init(
            endpoint: route.endpoint.text, generation: route.generation, at: facts.at.description, release: facts.release?.description,
            cause: facts.cause,
            targets: route.targets.map {
                RouteTargetInfo(
                    variant: $0.variant.rawValue, weight: $0.weight, backend: $0.backend.hex, version: $0.version, model: $0.model.description)
            },
            shadow: route.shadow.map { RouteShadowInfo(backend: $0.backend.hex, ratio: $0.ratio) },
            rules: route.rules.map { RouteRuleInfo(key: $0.key.description, equals: $0.equals, variant: $0.variant.rawValue) })
    }
}

extension BackendInfo {
    init(_ facts: BackendFacts) {
        var (kind, command, urls): (String, [String]?, [String]?)
        switch facts.spec.runtime.kind {
        case .process(let words): (kind, command, urls) = ("process", words, nil)
        case .external(let servers): (kind, command, urls) = ("external", nil, servers)
        }
        self.init(
            id: facts.id.hex, endpoint: facts.spec.endpoint.text, label: BackendLabelInfo(facts.id, facts.spec.model), runtime: kind,
            command: command, urls: urls, replicas: facts.spec.runtime.replicas, memory: facts.spec.runtime.memory, isWanted: facts.isWanted,
            created: facts.created.description)
    }
}

extension ReplicaInfo {
    init(_ facts: ReplicaFacts) {
        self.init(
            backend: facts.backend.hex, endpoint: facts.endpoint.text, slot: facts.slot, state: facts.state.rawValue, pid: facts.pid,
            address: facts.address.map { "\($0.host):\($0.port)\($0.basePath)" }, since: facts.since.description, restarts: facts.restarts,
            note: facts.note)
    }
}

extension TenantInfo {
    init(_ facts: TenantFacts) {
        let tenant = facts.tenant
        self.init(
            name: tenant.name, mayPin: tenant.mayPin, requestsPerMinute: tenant.requestsPerMinute, tokensPerDay: tenant.tokensPerDay,
            tokensToday: tenant.tokensToday, keys: facts.keyNames, created: facts.created.description)
    }
}

extension UsageInfo {
    init(_ row: UsageRow) {
        let usage = row.usage
        self.init(
            tenant: usage.tenant, endpoint: usage.endpoint.text, version: usage.version, hour: row.hour.description, requests: usage.requests,
            failed: usage.failed, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, milliseconds: usage.milliseconds,
            bytesOut: usage.bytesOut)
    }
}

extension WebhookInfo {
    init(_ facts: WebhookFacts) {
        self.init(
            name: facts.name, url: facts.url, waiting: facts.waiting, lastError: facts.lastError, by: facts.by, created: facts.created.description)
    }
}
