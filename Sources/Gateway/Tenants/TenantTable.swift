import Core
import Synchronization

/// The tenants and their keys, immutable; what they used so far lives in `TenantAccount`.
final class TenantTable: Sendable {
    private let byKey: [Digest: TenantAccount]
    let all: [TenantAccount]
    let anonymous: TenantAccount

    init(_ tenants: [Tenant], earlier: TenantTable?, at now: Instant) {
        var byKey: [Digest: TenantAccount] = [:]
        var all: [TenantAccount] = []
        for tenant in tenants {
            let before = earlier?.all.first { $0.tenant.name == tenant.name }
            let account = TenantAccount(tenant, serial: before?.serial, earlier: before, at: now)
            for key in tenant.keys { byKey[key] = account }
            all.append(account)
        }
        self.byKey = byKey
        self.all = all
        anonymous = earlier?.anonymous ?? TenantAccount(Tenant(name: "anonymous", keys: []), serial: 0, earlier: nil, at: now)
    }

    func find(_ key: Digest) -> TenantAccount? { byKey[key] }
}

/// A tenant, and how much of its quotas is used. Its lock is taken only where there is a quota.
/// `tokensToday` is what was used before a restart on all endpoints together, so it counts against
/// the tenant's own quota alone: an endpoint's would be charged with what went elsewhere.
final class TenantAccount: Sendable {
    let tenant: Tenant
    /// Numbers usage rows; stays when the tenant is set again.
    let serial: Int
    private let quotas: Mutex<Quotas>
    private static let serials = Atomic<Int>(1)

    private struct Quotas {
        var buckets: [EndpointName?: TokenBucket] = [:]
        var day: DayCount
        var days: [EndpointName: DayCount] = [:]
    }

    init(_ tenant: Tenant, serial: Int?, earlier: TenantAccount?, at now: Instant) {
        self.tenant = tenant
        self.serial = serial ?? Self.serials.wrappingAdd(1, ordering: .relaxed).newValue
        var quotas = earlier?.quotas.withLock { $0 } ?? Quotas(day: DayCount(used: tenant.tokensToday, at: now))
        if quotas.day.used < tenant.tokensToday { quotas.day = DayCount(used: tenant.tokensToday, at: now) }
        self.quotas = Mutex(quotas)
    }

    /// - Returns: nil where a request may begin; otherwise after how many seconds it may.
    func admit(_ endpoint: EndpointName, _ limits: TrafficLimits, steady: Nanoseconds, wall: @Sendable () -> Instant) -> Int? {
        // A tenant's own quota holds for all endpoints together, an endpoint's for each tenant on it.
        let ownRate = tenant.requestsPerMinute
        let ownTokens = tenant.tokensPerDay
        let rate = ownRate ?? limits.requestsPerMinute
        let tokens = ownTokens ?? limits.tokensPerDay
        if rate == nil, tokens == nil { return nil }
        return quotas.withLock { quotas in
            if let tokens {
                let now = wall()
                if ownTokens != nil {
                    if let wait = quotas.day.check(limit: tokens, at: now) { return wait }
                } else if let wait = quotas.days[endpoint, default: DayCount(at: now)].check(limit: tokens, at: now) {
                    return wait
                }
            }
            guard let rate else { return nil }
            let name = ownRate == nil ? endpoint : nil
            if quotas.buckets[name]?.perMinute != rate { quotas.buckets[name] = TokenBucket(perMinute: rate, at: steady) }
            return quotas.buckets[name]?.take(at: steady)
        }
    }

    func spend(_ tokens: Int, on endpoint: EndpointName, _ limits: TrafficLimits, wall: @Sendable () -> Instant) {
        guard tokens > 0, tenant.tokensPerDay != nil || limits.tokensPerDay != nil else { return }
        let now = wall()
        quotas.withLock { quotas in
            quotas.day.add(tokens, at: now)
            quotas.days[endpoint, default: DayCount(at: now)].add(tokens, at: now)
        }
    }
}
