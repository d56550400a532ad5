import Core
import Synchronization

extension Gateway {
    /// Prometheus' text format. Labels are bounded: no names of users, no ids of requests.
    package func metrics() -> String {
        let (book, backends, routes) = control.withLock { ($0.series.all, $0.backends, $0.routes.values.sorted { $0.endpoint < $1.endpoint }) }
        var series: [Int: SeriesCounters] = [:]
        var shadows: [Int: [UInt64]] = [:]
        var refused: [Int: UInt64] = [:]
        for lane in lanes {
            let meter = lane.meter.withLock { $0 }
            for (number, counters) in meter.series { series[number, default: SeriesCounters()].add(counters) }
            shadows.merge(meter.shadows) { zip($0, $1).map(+) }
            refused.merge(meter.refused, uniquingKeysWith: +)
        }
        var text = Exposition()
        let rows = book.sorted { ($0.key.endpoint.text, $0.key.variant, $0.key.version) < ($1.key.endpoint.text, $1.key.variant, $1.key.version) }
        let counted = rows.compactMap { row in series[row.number].map { (row.key, $0) } }
        text.requests(counted, refused)
        text.histograms(counted)
        text.details(counted, shadows: rows.compactMap { row in shadows[row.number].map { (row.key, $0) } })
        text.backends(routes, backends, connections: connections.load(ordering: .relaxed))
        return text.text
    }
}

/// The text while it is put together.
struct Exposition {
    private(set) var text = ""

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP grayling_gateway_\(name) \(help)\n# TYPE grayling_gateway_\(name) \(type)\n"
    }

    mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        let inside = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        text += "grayling_gateway_\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(value)\n"
    }

    static func escaped(_ text: String) -> String {
        guard text.contains(where: { $0 == "\\" || $0 == "\"" || $0.isNewline }) else { return text }
        return text.reduce(into: "") { $0 += $1 == "\\" ? "\\\\" : $1 == "\"" ? "\\\"" : $1.isNewline ? "\\n" : String($1) }
    }

    private static func labels(_ key: SeriesKey) -> [(String, String)] {
        [("endpoint", key.endpoint.text), ("variant", key.variant), ("version", key.version)]
    }

    mutating func requests(_ series: [(SeriesKey, SeriesCounters)], _ refused: [Int: UInt64]) {
        begin("requests_total", "counter", "Requests by the version that served them; code 499: the client left before the answer.")
        for (key, counters) in series {
            for (code, count) in counters.codes.sorted(by: { $0.key < $1.key }) {
                line("requests_total", Self.labels(key) + [("code", "\(code)")], "\(count)")
            }
        }
        begin("refused_total", "counter", "Requests that were answered before an endpoint was known.")
        for (code, count) in refused.sorted(by: { $0.key < $1.key }) { line("refused_total", [("code", "\(code)")], "\(count)") }
        begin("assignments_total", "counter", "Requests by the version they were assigned to.")
        for (key, counters) in series {
            for source in RequestEnd.Source.allCases where counters.sources[source.rawValue] > 0 {
                line("assignments_total", Self.labels(key) + [("source", source.name)], "\(counters.sources[source.rawValue])")
            }
        }
    }

    mutating func histograms(_ series: [(SeriesKey, SeriesCounters)]) {
        let all: [(String, String, (SeriesCounters) -> Histogram)] = [
            ("request_duration_seconds", "From a request's head to the end of its answer.", { $0.duration }),
            ("time_to_first_token_seconds", "From a request's head to the first byte of the answer's body.", { $0.ttft }),
            ("time_per_output_token_seconds", "Of event streams: by the reported tokens, else by the events.", { $0.tpot }),
            ("stream_gap_seconds", "The longest silence within an event stream.", { $0.gap }),
            ("overhead_seconds", "The gateway's own time before a request was sent on.", { $0.overhead }),
            ("queue_seconds", "Time in the queue, of requests that had to wait.", { $0.queue })
        ]
        for (name, help, histogram) in all {
            begin(name, "histogram", help)
            for (key, counters) in series { self.histogram(name, Self.labels(key), histogram(counters)) }
        }
    }

    private mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: Histogram) {
        var sum: UInt64 = 0
        for (bound, count) in zip(Histogram.bounds, histogram.counts) {
            sum += count
            line(name + "_bucket", labels + [("le", "\(bound)")], "\(sum)")
        }
        line(name + "_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
        line(name + "_sum", labels, "\(histogram.sum)")
        line(name + "_count", labels, "\(histogram.count)")
    }

    mutating func details(_ series: [(SeriesKey, SeriesCounters)], shadows: [(SeriesKey, [UInt64])]) {
        begin("retries_total", "counter", "Attempts that were made again.")
        for (key, counters) in series {
            for reason in RetryReason.allCases where counters.retries[reason.rawValue] > 0 {
                line("retries_total", Self.labels(key) + [("reason", reason.name)], "\(counters.retries[reason.rawValue])")
            }
        }
        begin("shadow_requests_total", "counter", "Copies of requests for the shadowed version.")
        for (key, counts) in shadows {
            for result in ShadowResult.allCases {
                line("shadow_requests_total", [("endpoint", key.endpoint.text), ("result", result.name)], "\(counts[result.rawValue])")
            }
        }
        begin("tokens_total", "counter", "Tokens as the model servers reported them.")
        for (key, counters) in series where counters.tokens.contains(where: { $0 > 0 }) {
            for (place, labels) in [("tenant", "input"), ("tenant", "output"), ("anonymous", "input"), ("anonymous", "output")].enumerated() {
                line(
                    "tokens_total", [("endpoint", key.endpoint.text), ("variant", key.variant), ("tenant_class", labels.0), ("direction", labels.1)],
                    "\(counters.tokens[place])")
            }
        }
    }

    mutating func backends(_ routes: [TrafficRoute], _ backends: [BackendID: Backend], connections: Int) {
        let sides = routes.flatMap { route in route.targets.map { (route, $0) } }.compactMap { route, target in
            backends[target.backend].map { (Self.labels(SeriesKey(route, target)), $0) }
        }
        begin("inflight_requests", "gauge", "Requests under way or waiting.")
        for (labels, backend) in sides { line("inflight_requests", labels, "\(backend.inFlight.load(ordering: .relaxed))") }
        begin("queue_length", "gauge", "Requests that wait for a replica.")
        for (labels, backend) in sides { line("queue_length", labels, "\(backend.waiting.load(ordering: .relaxed))") }
        begin("ejections_total", "counter", "How often a replica was left out for a while.")
        for (labels, backend) in sides {
            line("ejections_total", labels + [("reason", "consecutive_errors")], "\(backend.ejections.load(ordering: .relaxed))")
        }
        begin("cold_starts_total", "counter", "Starts on demand.")
        for (labels, backend) in sides {
            let starts = backend.coldStarts.withLock { $0 }
            line("cold_starts_total", labels + [("result", "started")], "\(starts.succeeded)")
            line("cold_starts_total", labels + [("result", "failed")], "\(starts.failed)")
        }
        begin("cold_start_seconds", "summary", "From the request that woke a backend to its first replica.")
        for (labels, backend) in sides {
            let starts = backend.coldStarts.withLock { $0 }
            line("cold_start_seconds_sum", labels, "\(starts.seconds)")
            line("cold_start_seconds_count", labels, "\(starts.succeeded)")
        }
        begin("connections", "gauge", "Open client connections.")
        line("connections", [], "\(connections)")
    }
}
