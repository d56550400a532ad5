package import Core

/// How a release walks into traffic; copied into the release, so that later edits change nothing.
package struct Strategy: Hashable, Sendable, Codable {
    package var kind: Kind
    package var risk: Risk
    package var prepare: Prepare
    package var steps: [Step]
    package var bake: Bake
    /// Observed time after which a release without a verdict is inconclusive.
    package var maxObserved: Milliseconds
    package var onInconclusive: OnInconclusive
    package var whileActive: WhileActive
    /// Without a randomised request for so long, there is no data.
    package var staleAfter: Milliseconds
    /// How long a cleared condition must stay cleared before a paused release goes on by itself.
    package var clearFor: Milliseconds
    /// A Pending release that nothing lets begin fails after this (wall time).
    package var pendingDeadline: Milliseconds
    /// When steps may be taken (UTC); empty: always.
    package var windows: [Window]
    /// Give a slice of stable as large as the candidate's a stable replica of its own.
    package var hasControl: Bool
    /// The submitter's own approval does not count.
    package var approvesOthersOnly: Bool
    package var notify: [Notice]
    /// The alias that follows `stable`, such as `champion`; nil: none.
    package var alias: String?
    /// The version before goes on running after success, so that going back is a pointer move.
    package var keepsPrevious: Bool

    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case canary, blueGreen, shadow, recreate }
    package enum OnInconclusive: String, Hashable, Sendable, Codable, CaseIterable { case pause, rollback }
    package enum WhileActive: String, Hashable, Sendable, Codable, CaseIterable { case reject, queue, supersede }

    package struct Risk: Hashable, Sendable, Codable {
        package var rollbackAlpha: Double
        package var guardAlpha: Double
        package var promoteAlpha: Double
        package var harmBudget: Double
        package var hardLimit: Double
        package init(
            rollbackAlpha: Double = 0.01, guardAlpha: Double = 0.002, promoteAlpha: Double = 0.05, harmBudget: Double = 0.03,
            hardLimit: Double = 0.20
        ) {
            self.rollbackAlpha = rollbackAlpha
            self.guardAlpha = guardAlpha
            self.promoteAlpha = promoteAlpha
            self.harmBudget = harmBudget
            self.hardLimit = hardLimit
        }
    }

    package struct Prepare: Hashable, Sendable, Codable {
        /// Requests sent before the first user's, drawn from the checks in turn.
        package var warmup: Int
        package var checks: [GoldenCheck]
        /// A file of checks in the hub, as lines of JSON, by the digest of its bytes.
        package var golden: Digest?
        package init(warmup: Int = 0, checks: [GoldenCheck] = [], golden: Digest? = nil) {
            self.warmup = warmup
            self.checks = checks
            self.golden = golden
        }
    }

    package struct Step: Hashable, Sendable, Codable {
        /// Basis points of the candidate.
        package var weight: Int
        /// Basis points of stable's requests that the candidate also gets, unseen.
        package var shadow: Int
        package var minObserved: Milliseconds
        /// Where set, the step is left for an approval even though it passed.
        package var approval: ApprovalRule?
        /// Addresses that must answer 2xx before the step may be left.
        package var hooks: [String]
        package init(weight: Int, shadow: Int = 0, minObserved: Milliseconds = 120_000, approval: ApprovalRule? = nil, hooks: [String] = []) {
            self.weight = weight
            self.shadow = shadow
            self.minObserved = minObserved
            self.approval = approval
            self.hooks = hooks
        }
    }
    package struct ApprovalRule: Hashable, Sendable, Codable {
        /// `writer` or `admin` of the model's repo, or a name of users' own making checked by the hub.
        package var role: String
        package var quorum: Int
        package init(role: String = "admin", quorum: Int = 1) {
            self.role = role
            self.quorum = quorum
        }
    }
    package struct Bake: Hashable, Sendable, Codable {
        package var duration: Milliseconds
        /// Basis points that stable keeps during the bake.
        package var holdback: Int
        package init(duration: Milliseconds = 1_800_000, holdback: Int = 500) {
            self.duration = duration
            self.holdback = holdback
        }
    }
    /// Days and hours of the week, in minutes of the day, UTC.
    package struct Window: Hashable, Sendable, Codable {
        /// 1 is Monday (ISO 8601).
        package var days: [Int]
        package var from: Int
        package var until: Int
        package init(days: [Int], from: Int, until: Int) {
            self.days = days
            self.from = from
            self.until = until
        }
    }
    package struct Notice: Hashable, Sendable, Codable {
        package var webhook: String
        /// Empty: all.
        package var events: [String]
        package init(webhook: String, events: [String] = []) {
            self.webhook = webhook
            self.events = events
        }
    }

    package init(
        kind: Kind = .canary, risk: Risk = Risk(), prepare: Prepare = Prepare(), steps: [Step] = Self.defaultSteps, bake: Bake = Bake(),
        maxObserved: Milliseconds = 10_800_000, onInconclusive: OnInconclusive = .pause, whileActive: WhileActive = .reject,
        staleAfter: Milliseconds = 600_000, clearFor: Milliseconds = 60_000, pendingDeadline: Milliseconds = 3_600_000,
        windows: [Window] = [], hasControl: Bool = false, approvesOthersOnly: Bool = false, notify: [Notice] = [], alias: String? = nil,
        keepsPrevious: Bool = false
    ) {
        self.kind = kind
        self.risk = risk
        self.prepare = prepare
        self.steps = steps
        self.bake = bake
        self.maxObserved = maxObserved
        self.onInconclusive = onInconclusive
        self.whileActive = whileActive
        self.staleAfter = staleAfter
        self.clearFor = clearFor
        self.pendingDeadline = pendingDeadline
        self.windows = windows
        self.hasControl = hasControl
        self.approvesOthersOnly = approvesOthersOnly
        self.notify = notify
        self.alias = alias
        self.keepsPrevious = keepsPrevious
    }

    /// 5, 10, 25 and 50 %.
    package static let defaultSteps = [
        Step(weight: 500, minObserved: 120_000), Step(weight: 1000, minObserved: 120_000), Step(weight: 2500, minObserved: 300_000),
        Step(weight: 5000, minObserved: 600_000)
    ]
}

/// A request with a known good answer.
package struct GoldenCheck: Hashable, Sendable, Codable {
    package var method: String
    package var path: String
    /// JSON text, or empty.
    package var body: String
    package var expectStatus: Int
    /// Texts that the answer must hold.
    package var expectContains: [String]
    /// JSON pointers (RFC 6901) and the JSON text each must lead to.
    package var expectJSON: [String: String]
    /// JSON pointers to arrays, and the length each must have (an embedding's dimensions, say).
    package var expectLength: [String: Int]
    package init(
        method: String = "POST", path: String, body: String = "", expectStatus: Int = 200, expectContains: [String] = [],
        expectJSON: [String: String] = [:], expectLength: [String: Int] = [:]
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.expectStatus = expectStatus
        self.expectContains = expectContains
        self.expectJSON = expectJSON
        self.expectLength = expectLength
    }
}
