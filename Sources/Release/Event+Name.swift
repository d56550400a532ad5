extension Event {
    /// A stable word of the API and of the log.
    package var name: String {
        switch self {
        case .submitted: "submitted"
        case .tick: "tick"
        case .replicasReady: "replicas-ready"
        case .warmupPassed: "warmup-passed"
        case .goldenPassed: "golden-passed"
        case .digestMismatch: "digest-mismatch"
        case .startFailed: "start-failed"
        case .readyDeadline: "ready-deadline"
        case .warmupFailed: "warmup-failed"
        case .goldenFailed: "golden-failed"
        case .pendingDeadline: "pending-deadline"
        case .routeApplied: "route-applied"
        case .drainDone: "drain-done"
        case .drainDeadline: "drain-deadline"
        case .candidateUnhealthy: "candidate-unhealthy"
        case .pause: "pause"
        case .resume: "resume"
        case .approve: "approve"
        case .reject: "reject"
        case .promote: "promote"
        case .abort: "abort"
        case .superseded: "superseded"
        case .clockJumped: "clock-jumped"
        case .controllerStarted: "controller-started"
        }
    }
}
