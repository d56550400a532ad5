import Core

/// One loop's counters. The loop adds under a lock that nobody else holds for long; readers merge.
struct Meter {
    var series: [Int: SeriesCounters] = [:]
    var usage: [UsageKey: Usage] = [:]
    /// Refused before any route was known, by status.
    var refused: [Int: UInt64] = [:]
    var shadows: [Int: [UInt64]] = [:]

    struct UsageKey: Hashable {
        var tenant: Int
        var series: Int
    }

    mutating func record(_ end: RequestEnd) {
        guard end.assignedSeries >= 0 else {
            refused[end.status, default: 0] += 1
            return
        }
        series[end.assignedSeries, default: SeriesCounters()].assign(end)
        series[end.servingSeries >= 0 ? end.servingSeries : end.assignedSeries, default: SeriesCounters()].serve(end)
    }

    mutating func use(_ key: UsageKey, _ end: RequestEnd, tenant: String, side: EndpointRoute.Side, endpoint: EndpointName) {
        usage[key, default: Usage(tenant: tenant, endpoint: endpoint, version: side.target.version)].add(end)
    }

    mutating func retried(_ series: Int, _ reason: RetryReason) {
        self.series[series, default: SeriesCounters()].retries[reason.rawValue] += 1
    }
}

enum RetryReason: Int, CaseIterable {
    case connect, reset, status
    var name: String {
        switch self {
        case .connect: "connect"
        case .reset: "reset"
        case .status: "status"
        }
    }
}

/// What became of a shadow request.
enum ShadowResult: Int, CaseIterable {
    case sent, skippedBody, skippedLoad, failed
    var name: String {
        switch self {
        case .sent: "sent"
        case .skippedBody: "skipped_body"
        case .skippedLoad: "skipped_load"
        case .failed: "failed"
        }
    }
}

/// The counters of one side's version.
struct SeriesCounters {
    var codes: [Int: UInt64] = [:]
    var sources = [UInt64](repeating: 0, count: RequestEnd.Source.allCases.count)
    var duration = Histogram()
    var ttft = Histogram()
    var tpot = Histogram()
    var overhead = Histogram()
    var gap = Histogram()
    var queue = Histogram()
    var retries = [UInt64](repeating: 0, count: RetryReason.allCases.count)
    /// Input and output, of tenants and of others.
    var tokens: [UInt64] = [0, 0, 0, 0]

    mutating func assign(_ end: RequestEnd) {
        if let source = end.source { sources[source.rawValue] += 1 }
    }

    mutating func serve(_ end: RequestEnd) {
        codes[end.status, default: 0] += 1
        duration.observe(end.duration)
        if let ttft = end.ttft { self.ttft.observe(ttft) }
        if let tpot = end.tpot { self.tpot.observe(tpot) }
        if let overhead = end.overhead { self.overhead.observe(overhead) }
        if let gap = end.longestGap { self.gap.observe(gap) }
        if let queued = end.queued { queue.observe(queued) }
        let first = end.isTenant ? 0 : 2
        tokens[first] += UInt64(end.inputTokens)
        tokens[first + 1] += UInt64(end.outputTokens)
    }

    mutating func add(_ other: SeriesCounters) {
        codes.merge(other.codes, uniquingKeysWith: +)
        for i in sources.indices { sources[i] += other.sources[i] }
        duration.add(other.duration)
        ttft.add(other.ttft)
        tpot.add(other.tpot)
        overhead.add(other.overhead)
        gap.add(other.gap)
        queue.add(other.queue)
        for i in retries.indices { retries[i] += other.retries[i] }
        for i in tokens.indices { tokens[i] += other.tokens[i] }
    }
}

extension Usage {
    mutating func add(_ end: RequestEnd) {
        requests += 1
        if end.status >= 500 || end.status == 499 { failed += 1 }
        inputTokens += Int64(end.inputTokens)
        outputTokens += Int64(end.outputTokens)
        milliseconds += Int64(end.worked * 1000)
        bytesOut += Int64(end.bytesOut)
    }
}
