/// What a release is judged by: a metric of good and bad units.
package struct Objective: Hashable, Sendable, Codable {
    package var name: String
    package var source: Source
    /// When a request is bad; only for `requests`.
    package var bad: BadRule
    /// The share of bad units that is acceptable whatever stable does.
    package var slo: Double
    /// How many times stable's rate is still acceptable.
    package var relativeLimit: Double
    package var compare: Compare
    package var mode: Mode
    /// How paired answers are scored; only for `pairedShadow`.
    package var scorer: Scorer?
    /// The loss of score that is still acceptable; only for `pairedShadow`.
    package var margin: Double
    /// Shown, never decides.
    package var isReportOnly: Bool

    package enum Source: String, Hashable, Sendable, Codable, CaseIterable { case requests, pairedShadow = "paired-shadow" }
    package enum Compare: String, Hashable, Sendable, Codable, CaseIterable {
        case always
        /// Only while candidate and control (or stable) work under the same load.
        case equalLoad = "equal-load"
    }
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable { case either, relative, absolute }

    package init(
        name: String, source: Source = .requests, bad: BadRule = .errors, slo: Double = 0.02, relativeLimit: Double = 2,
        compare: Compare = .always, mode: Mode = .either, scorer: Scorer? = nil, margin: Double = 0.02, isReportOnly: Bool = false
    ) {
        self.name = name
        self.source = source
        self.bad = bad
        self.slo = slo
        self.relativeLimit = relativeLimit
        self.compare = compare
        self.mode = mode
        self.scorer = scorer
        self.margin = margin
        self.isReportOnly = isReportOnly
    }
}

/// How two answers to one request are compared, as a score in 0...1 of each.
package enum Scorer: String, Hashable, Sendable, Codable, CaseIterable {
    /// 1 for a 2xx answer that ended well.
    case status
    /// 1 where the body is one JSON value.
    case json
    /// 1 where the body (its answer text, on the OpenAI wire) is the same as stable's.
    case exact
    /// The shorter length by the longer.
    case lengthRatio = "length-ratio"
    /// The cosine between embedding answers, from 0 to 1.
    case cosine
}

/// When a request counts as bad: any of these conjunctions, such as `status >= 500 || timeout`.
package struct BadRule: Hashable, Sendable {
    package var any: [[Condition]]
    package init(any: [[Condition]]) { self.any = any }

    package struct Condition: Hashable, Sendable {
        package var field: Field
        package var comparison: Comparison
        /// Milliseconds where the field is a time.
        package var value: Double
        package init(_ field: Field, _ comparison: Comparison, _ value: Double) {
            self.field = field
            self.comparison = comparison
            self.value = value
        }
    }
    package enum Field: String, Hashable, Sendable, CaseIterable {
        case status, timeout, reset, ttft, tpot, duration
        package var isTime: Bool { self == .ttft || self == .tpot || self == .duration }
        /// True or false; written alone, as `timeout`.
        package var isFlag: Bool { self == .timeout || self == .reset }
    }
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case atLeast = ">=", above = ">", atMost = "<=", below = "<", equal = "==", unequal = "!="
    }

    /// `status >= 500 || timeout || reset`.
    package static let errors = BadRule(any: [
        [Condition(.status, .atLeast, 500)], [Condition(.timeout, .equal, 1)], [Condition(.reset, .equal, 1)]
    ])
}

/// How one request ended, as far as it is known.
package struct RequestOutcome: Hashable, Sendable {
    /// 0 where no answer began.
    package var status: Int
    package var timedOut: Bool
    /// The upstream broke off.
    package var wasReset: Bool
    package var ttft: Double?
    package var tpot: Double?
    package var duration: Double?

    package init(status: Int, timedOut: Bool = false, wasReset: Bool = false, ttft: Double? = nil, tpot: Double? = nil, duration: Double? = nil) {
        self.status = status
        self.timedOut = timedOut
        self.wasReset = wasReset
        self.ttft = ttft
        self.tpot = tpot
        self.duration = duration
    }
}

extension BadRule {
    /// Whether the request was bad; nil where the rule asks for something that was not measured.
    /// A failed request (5xx, timeout, reset) has no time to first token worth comparing: it is
    /// bad by the objective that counts errors, unknown to one that counts times.
    package func isBad(_ outcome: RequestOutcome) -> Bool? {
        var isKnown = false
        for conjunction in any {
            var holds: Bool? = true
            for condition in conjunction {
                guard let value = outcome.value(condition.field) else {
                    if holds == true { holds = nil }
                    continue
                }
                if !condition.holds(value) { holds = false }
            }
            if holds == true { return true }
            if holds == false { isKnown = true }
        }
        return isKnown ? false : nil
    }
}

extension RequestOutcome {
    fileprivate func value(_ field: BadRule.Field) -> Double? {
        switch field {
        case .status: Double(status)
        case .timeout: timedOut ? 1 : 0
        case .reset: wasReset ? 1 : 0
        case .ttft: ttft
        case .tpot: tpot
        case .duration: duration
        }
    }
}

extension BadRule.Condition {
    fileprivate func holds(_ found: Double) -> Bool {
        switch comparison {
        case .atLeast: found >= value
        case .above: found > value
        case .atMost: found <= value
        case .below: found < value
        case .equal: found == value
        case .unequal: found != value
        }
    }
}
