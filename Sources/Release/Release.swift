import Core

/// A release and where it stands. Only `reduce` changes it.
package struct Release: Hashable, Sendable, Codable {
    package let spec: ReleaseSpec
    package internal(set) var phase: Phase = .pending
    /// Number of the current step, from 0.
    package internal(set) var step = 0
    /// Why it is paused; it goes on only when the set is empty.
    package internal(set) var pauses: [PauseReason] = []
    /// Why it ended, or is on its way there.
    package internal(set) var outcome: Outcome?
    /// Counts the events that changed something: what `If-Match` compares.
    package internal(set) var generation: Int64 = 0
    /// Harm was shown; never unlearned.
    package internal(set) var hasFailed = false
    package internal(set) var approvals: [Approval] = []
    /// The weights asked for last, and whether they are known to be in effect.
    package internal(set) var weights = Command.Weights.none
    package internal(set) var isRouteApplied = false
    /// Phase to go back to from a pause.
    package internal(set) var phaseBeforePause: Phase?
    package internal(set) var prepared = Prepared()
    /// The least generation that can be that of the route asked for last.
    package internal(set) var routeFloor: Int64 = 0
    /// The generation at which it began to wait for approvals of this step.
    package internal(set) var awaitingSince: Int64?
    package internal(set) var isStepApproved = false
    /// How often a person let it go on after it was inconclusive; each gives it `maxObserved` again.
    package internal(set) var extensions = 0
    /// A person knows that assignment is uneven, and wants it to go on.
    package internal(set) var isBiasAccepted = false

    package struct Prepared: Hashable, Sendable, Codable {
        package internal(set) var isReady = false
        package internal(set) var isWarm = false
        package internal(set) var isChecked = false
    }

    package enum Phase: String, Hashable, Sendable, Codable, CaseIterable {
        case pending, preparing, progressing, paused, baking, completing
        case rollingBack = "rolling-back"
        case succeeded
        case rolledBack = "rolled-back"
        case failed, canceled, superseded

        package var isTerminal: Bool {
            switch self {
            case .succeeded, .rolledBack, .failed, .canceled, .superseded: true
            case .pending, .preparing, .progressing, .paused, .baking, .completing, .rollingBack: false
            }
        }
    }
    package enum PauseReason: String, Hashable, Sendable, Codable, CaseIterable {
        case manual, inconclusive, window, tripped
        case awaitingApproval = "awaiting-approval"
        case noData = "no-data"
        case stableUnhealthy = "stable-unhealthy"
        case assignmentBias = "assignment-bias"
        case hooks
    }
    package struct Outcome: Hashable, Sendable, Codable {
        /// A stable word, such as `analysis-failed`, `aborted`, `backend-failed`, `digest-mismatch`.
        package var code: String
        /// For people.
        package var message: String
        package init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    package init(_ spec: ReleaseSpec) { self.spec = spec }
}
