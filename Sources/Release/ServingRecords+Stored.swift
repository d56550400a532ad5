package import Core

// Values that are stored as a whole.

/// All that `apply` needs of a plan.
package struct StoredPlan: Hashable, Sendable, Codable {
    /// With the golden checks read and the revision still as it was asked for.
    package var draft: ServingDraft
    package var backend: BackendSpec
    package var facts: PlanFacts
    package init(draft: ServingDraft, backend: BackendSpec, facts: PlanFacts) {
        self.draft = draft
        self.backend = backend
        self.facts = facts
    }
}

/// A release's accumulators as of one moment.
package struct AnalysisSave: Sendable {
    package var release: ReleaseID
    package var analysis: Analysis
    package var stopwatch: Stopwatch
    /// New or changed since the last save.
    package var sessions: [SessionMark]
    package init(release: ReleaseID, analysis: Analysis, stopwatch: Stopwatch, sessions: [SessionMark]) {
        self.release = release
        self.analysis = analysis
        self.stopwatch = stopwatch
        self.sessions = sessions
    }
}
