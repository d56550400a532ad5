import Core
import Release

/// The release metrics as Prometheus' text format 0.0.4.
struct ReleaseText {
    private(set) var text = ""

    init(_ state: ReleaseMetrics.State) {
        let active = state.active.values.sorted { $0.id < $1.id }
        begin("release_info", "Releases under way, with what they lead from and to.", "gauge")
        for facts in active {
            add(
                "release_info", 1,
                of(facts) + [
                    ("from_version", facts.from?.model.version ?? ""), ("to_version", facts.to.model.version), ("lock", facts.release.spec.lock.hex)
                ])
        }
        begin("release_phase", "1 for the phase that a release is in, 0 for the others.", "gauge")
        for facts in active {
            for phase in Release.Phase.allCases where !phase.isTerminal {
                add("release_phase", facts.phase == phase ? 1 : 0, of(facts) + [("phase", phase.rawValue)])
            }
        }
        begin("release_weight_ratio", "Share of traffic that a release asks for.", "gauge")
        for facts in active {
            let weights = facts.release.weights
            let whole = Double(TrafficRoute.whole)
            add("release_weight_ratio", Double(weights.candidate) / whole, of(facts) + [("variant", "candidate")])
            add("release_weight_ratio", Double(weights.control) / whole, of(facts) + [("variant", "control")])
            add(
                "release_weight_ratio", Double(TrafficRoute.whole - weights.candidate - weights.control) / whole, of(facts) + [("variant", "stable")])
        }
        analysis(state)
        begin("release_transitions_total", "Changes of phase since the start.", "counter")
        for (key, count) in state.transitions.sorted(by: { $0.key < $1.key }) {
            add(
                "release_transitions_total", Double(count),
                [("endpoint", key.endpoint.text), ("from", key.from.rawValue), ("to", key.to.rawValue), ("reason", key.reason)])
        }
        spans("release_duration_seconds", "From submission to the end.", state.durations.map { ([("outcome", $0.key)], $0.value) })
        begin("release_paused_seconds", "Time in pauses that ended, by reason.", "counter")
        for (reason, seconds) in state.paused.sorted(by: { $0.key < $1.key }) { add("release_paused_seconds", seconds, [("reason", reason)]) }
        spans("release_decision_lag_seconds", "From the last evidence to the route in effect.", [([], state.lag)])
        begin("release_observations_lost_total", "Observations that the gateway's bounded buffer had no room for.", "counter")
        add("release_observations_lost_total", Double(state.lost), [])
    }

    private mutating func analysis(_ state: ReleaseMetrics.State) {
        let all = state.summaries.sorted { $0.key < $1.key }.flatMap { id, summaries in summaries.map { (id, $0) } }
        begin("release_analysis_log10_evalue", "Evidence by test, as a logarithm to base 10.", "gauge")
        for (id, summary) in all {
            let tests = [
                ("harm", summary.harm), ("safety", summary.safety), ("guard", summary.guardTrip), ("srm", summary.srm), ("gate", summary.gate)
            ]
            for (test, value) in tests { add("release_analysis_log10_evalue", value, labels(id, summary) + [("test", test)]) }
        }
        for (name, help, path) in [
            ("release_analysis_units_total", "Units counted, by variant.", \MetricSummary.Count.units),
            ("release_analysis_bad_total", "Units counted as bad, by variant.", \MetricSummary.Count.bad)
        ] {
            begin(name, help, "counter")
            for (id, summary) in all {
                add(name, summary.candidate[keyPath: path], labels(id, summary) + [("variant", "candidate")])
                add(name, summary.stable[keyPath: path], labels(id, summary) + [("variant", "stable")])
            }
        }
        begin("release_observed_ratio", "The candidate's share of the units counted.", "gauge")
        for (id, summary) in all {
            let sum = summary.candidate.units + summary.stable.units
            if sum > 0 { add("release_observed_ratio", summary.candidate.units / sum, labels(id, summary) + [("variant", "candidate")]) }
        }
    }

    private func of(_ facts: ReleaseFacts) -> [(String, String)] { [("endpoint", facts.id.endpoint.text), ("release", facts.id.description)] }

    private func labels(_ id: ReleaseID, _ summary: MetricSummary) -> [(String, String)] {
        [("endpoint", id.endpoint.text), ("release", id.description), ("metric", summary.name)]
    }

    private mutating func spans(_ name: String, _ help: String, _ spans: [([(String, String)], ReleaseMetrics.Span)]) {
        begin(name, help, "summary")
        for (labels, span) in spans.sorted(by: { ($0.0.first?.1 ?? "") < ($1.0.first?.1 ?? "") }) {
            add("\(name)_sum", span.seconds, labels)
            add("\(name)_count", Double(span.count), labels)
        }
    }

    private mutating func begin(_ name: String, _ help: String, _ type: String) {
        text += "# HELP grayling_\(name) \(help)\n# TYPE grayling_\(name) \(type)\n"
    }

    private mutating func add(_ name: String, _ value: Double, _ labels: [(String, String)]) {
        let shown = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        let number = value == value.rounded() && abs(value) < 9e15 ? String(Int64(value)) : "\(value)"
        text += "grayling_\(name)\(shown.isEmpty ? "" : "{\(shown)}") \(number)\n"
    }

    /// Names of versions and objectives are other people's text.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(scalar)
            }
        }.joined()
    }
}
