package import Core

/// Everything a release's verdicts are computed from. Observations go in, findings come out.
/// - the stored form is one text, from which every finding can be computed again bit for bit;
/// - sessions are stored apart, as marks, and are not part of that text;
/// - its size does not grow with traffic, but for at most a million session keys.
///
/// Made when the release's first route is asked for. Keep it in one place and change it there: a
/// copy copies the sessions.
package struct Analysis: TextCoded, Hashable, Sendable {
    var evidence: Evidence
    private var sessions = SessionBook()

    package init(_ spec: ReleaseSpec, at now: Milliseconds) { evidence = Evidence(Rules(spec), at: now) }

    /// Randomised requests, in the order in which the gateway saw them end.
    package mutating func add(_ observations: [Observation]) {
        for observation in observations {
            evidence.hear(at: observation.at)
            if evidence.rules.isSession, observation.hasKey { addSession(observation) } else { addRequest(observation) }
        }
    }

    private mutating func addRequest(_ o: Observation) {
        let isCandidate = o.variant == .candidate
        evidence.assign(weight: o.candidateWeight, candidate: isCandidate ? 1 : 0, stable: isCandidate ? 0 : 1, began: o.at - max(o.took, 0))
        for j in evidence.metrics.indices where o.known >> UInt32(j) & 1 == 1 {
            guard evidence.isComparable(j, o.variant, weight: o.candidateWeight, bits: o.comparable) else { continue }
            let isBad = o.bad >> UInt32(j) & 1 == 1
            evidence.count(j, Self.one(isCandidate, isBad), weight: o.candidateWeight, isAbsolute: true, isGuarded: true, at: o.at)
            if isBad { evidence.compare(j, candidate: isCandidate ? 1 : 0, stable: isCandidate ? 0 : 1, weight: o.candidateWeight) }
        }
    }

    /// A session counts once for each question: its first sight for the assignment, its first bad
    /// event for the comparison, its first request of an epoch for the guard, its first window for
    /// the absolute tests.
    private mutating func addSession(_ o: Observation) {
        guard let (isNew, found) = sessions.take(o.key) else { return }
        var entry = found
        let isCandidate = o.variant == .candidate
        if isNew {
            evidence.assign(
                weight: o.candidateWeight, candidate: isCandidate ? 1 : 0, stable: isCandidate ? 0 : 1, began: o.at - max(o.took, 0))
        }
        let epoch = o.at / Epoch.short
        // Nor is a user who always fails a new failure every half minute.
        let isFirstOfEpoch = entry.epoch != epoch && entry.badEpoch != o.at / Epoch.long
        entry.epoch = epoch
        var isNews = isNew
        var known: UInt32 = 0
        for j in evidence.metrics.indices where o.known >> UInt32(j) & 1 == 1 {
            guard evidence.isComparable(j, o.variant, weight: o.candidateWeight, bits: o.comparable) else { continue }
            known |= 1 << UInt32(j)
            let isBad = o.bad >> UInt32(j) & 1 == 1
            if isBad, isFirstOfEpoch { entry.badEpoch = o.at / Epoch.long }
            evidence.count(
                j, Self.one(isCandidate, isBad), weight: o.candidateWeight, isAbsolute: false, isGuarded: isFirstOfEpoch, at: o.at)
            if isBad, entry.harmed >> UInt32(j) & 1 == 0 {
                entry.harmed |= 1 << UInt32(j)
                isNews = true
                evidence.compare(j, candidate: isCandidate ? 1 : 0, stable: isCandidate ? 0 : 1, weight: o.candidateWeight)
            }
        }
        if isCandidate {
            isNews = isNews || entry.window == -1
            sessions.count(o.key, &entry, known: known, bad: o.bad, metrics: evidence.metrics.count, at: o.at)
        }
        sessions.put(entry, for: o.key, isNews: isNews)
    }

    private static func one(_ isCandidate: Bool, _ isBad: Bool) -> Sides {
        let unit = Count(units: 1, bad: isBad ? 1 : 0)
        return isCandidate ? Sides(candidate: unit) : Sides(stable: unit)
    }

    package mutating func add(_ scores: [PairedScore]) {
        for score in scores {
            evidence.hear(at: score.at)
            evidence.add(score)
        }
    }

    package mutating func add(_ outcomes: [ShadowOutcome]) {
        for outcome in outcomes {
            evidence.hear(at: outcome.at)
            for j in evidence.metrics.indices where outcome.known >> UInt32(j) & 1 == 1 {
                evidence.add(shadow: Count(units: 1, bad: outcome.bad >> UInt32(j) & 1 == 1 ? 1 : 0), to: j)
            }
        }
    }

    /// Moves its clock on (the gateway's steady clock), closes epochs and notices what crossed a
    /// limit. `isLive` is false while the release has no route in effect: silence is no news then.
    package mutating func advance(to now: Milliseconds, isLive: Bool = true) {
        var shares: [(Int, Double)] = []
        sessions.close(at: now) { window in
            for j in window.known.indices where window.known[j] > 0 { shares.append((j, Double(window.bad[j]) / Double(window.known[j]))) }
        }
        for (j, share) in shares { evidence.add(share: share, to: j) }
        evidence.advance(to: now, isLive: isLive)
    }

    /// After loading: what was open when the process ended is given up, and nothing rises before
    /// fresh data came.
    package mutating func restart(at now: Milliseconds) { evidence.restart(at: now) }

    package func finding(for release: Release) -> Finding { evidence.finding(for: release) }

    /// Session marks that are new or changed since the last call; to be stored by key.
    package mutating func takeNewSessions() -> [SessionMark] { sessions.takeMarks() }
    package mutating func restore(sessions marks: [SessionMark]) { sessions.restore(marks) }

    package static func == (a: Analysis, b: Analysis) -> Bool { a.evidence == b.evidence }
    package func hash(into hasher: inout Hasher) { hasher.combine(evidence) }
}

// MARK: the text

extension Analysis {
    /// What a decision is stored with. The same evidence gives the same text, and the text the same findings.
    package var inputs: String {
        var notes = Notes()
        var copy = evidence
        notes.label(Self.format)
        copy.exchange(&notes)
        return notes.text
    }
    package var description: String { inputs }

    package init(parsing text: String) throws(HubError) {
        var notes = Notes(reading: text)
        var evidence = Evidence(Rules(), at: 0)
        notes.label(Self.format)
        evidence.exchange(&notes)
        guard notes.isWhole, evidence.isSound else {
            throw HubError(
                .invalidRequest,
                "this is not the evidence of a release as this version writes it ('\(Self.format)'); expected what a decision was stored with")
        }
        self.evidence = evidence
    }
    private static let format = "grayling-evidence-1"
}
