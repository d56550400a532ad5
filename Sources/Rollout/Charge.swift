import Core
import Release

/// One release in the conductor's care: where it stands, what was observed, and what came in and
/// is not stored yet.
struct Charge {
    var facts: ReleaseFacts
    var analysis: Analysis
    var stopwatch: Stopwatch
    var hooks = HookRound()
    /// Events that happened; each is stored before the next, and stays here until it is.
    var waiting: [Event] = []
    /// Evidence that the catalog does not have yet.
    var isUnsaved = false
    var unsavedMarks: [SessionMark] = []
    var savedStopwatch: Stopwatch
    /// What was seen before is no news: the controller began then, or time jumped.
    var newsBegins: Milliseconds
    /// When the newest evidence came, by the steady clock; nil before the first.
    var lastEvidence: Milliseconds?
    /// No step is taken in the first tick after a start.
    var isFirstTick: Bool

    init(_ facts: ReleaseFacts, analysis: Analysis, stopwatch: Stopwatch, newsBegins: Milliseconds, isFirstTick: Bool) {
        self.facts = facts
        self.isFirstTick = isFirstTick
        self.analysis = analysis
        self.stopwatch = stopwatch
        savedStopwatch = stopwatch
        self.newsBegins = newsBegins
    }

    var release: Release { facts.release }
    var hasNews: Bool { lastEvidence.map { $0 >= newsBegins } ?? false }

    /// Where it stands now. Evidence begins with the first request that it may get.
    mutating func take(_ new: ReleaseFacts, at now: Milliseconds) {
        if new.release.isCompared, facts.phase == .pending || facts.phase == .preparing { analysis = Analysis(new.release.spec, at: now) }
        facts = new
    }

    /// In place: a copy of the evidence would cost more than the decision.
    mutating func take(_ turn: Turn) -> [Event] { turn.events(of: &self) }

    /// What is to be stored of it, where there is anything new; `isFull`: also if only time passed.
    mutating func unsaved(isFull: Bool) -> AnalysisSave? {
        guard isUnsaved || (isFull && stopwatch != savedStopwatch) else { return nil }
        unsavedMarks += analysis.takeNewSessions()
        return AnalysisSave(release: facts.id, analysis: analysis, stopwatch: stopwatch, sessions: unsavedMarks)
    }

    mutating func add(_ report: TrafficReport, at now: Milliseconds) {
        if report.observations.isEmpty && report.pairs.isEmpty && report.shadows.isEmpty { return }
        analysis.add(report.observations)
        analysis.add(report.pairs)
        analysis.add(report.shadows)
        isUnsaved = true
        lastEvidence = now
    }
}
