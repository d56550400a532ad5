import Core
import Release
import Testing

/// An analysis fed by hand.
struct Watch {
    var analysis: Analysis
    var release: Release
    var now: Milliseconds = 0

    init(_ spec: ReleaseSpec = .sample(Strategy()), release: Release? = nil) {
        analysis = Analysis(spec, at: 0)
        self.release = release ?? Story.live(spec).release
    }

    /// So many requests, a millisecond apart.
    mutating func see(
        _ variant: Variant, _ count: Int, bad: UInt32 = 0, known: UInt32 = .max, weight: Int = 500, comparable: UInt32 = .max, key: UInt64? = nil
    ) {
        for _ in 0..<count {
            now += 1
            analysis.add([
                Observation(
                    key: key ?? UInt64(now), hasKey: key != nil, variant: variant, candidateWeight: weight, known: known, bad: bad,
                    comparable: comparable, at: now)
            ])
        }
        analysis.advance(to: now)
    }
    /// Good requests of the candidate, and as many of stable's as the weight of 5 % means.
    mutating func seeShare(_ count: Int, bad: UInt32 = 0, comparable: UInt32 = .max) {
        for _ in 0..<count {
            see(.candidate, 1, bad: bad, comparable: comparable)
            see(.stable, 19, comparable: comparable)
        }
    }
    mutating func wait(_ time: Milliseconds) {
        now += time
        analysis.advance(to: now)
    }
    var finding: Finding { analysis.finding(for: release) }
    var summary: MetricSummary { analysis.summary(for: release)[0] }

    /// How many times `one` must happen until the finding is so.
    mutating func count(atMost: Int = 2000, _ one: (inout Watch) -> Void, until isDone: (Finding) -> Bool) -> Int? {
        for n in 1...atMost {
            one(&self)
            if isDone(finding) { return n }
        }
        return nil
    }
}

@Suite("what evidence amounts to")
struct EvidenceTests {
    @Test("6.1: a candidate that fails always is found out within five requests at 5 and 10 %", arguments: [500, 1000])
    func totalBreakage(weight: Int) throws {
        var watch = Watch()
        let counted = watch.count({ $0.see(.candidate, 1, bad: 1, weight: weight) }, until: { $0.verdict == .fail })
        let failures = try #require(counted)
        #expect((3...5).contains(failures))
        #expect(watch.finding.culprit == "errors" && watch.finding.explanation.contains("\(failures) of \(failures)"))
    }

    @Test("6.1: the numbers are those of the formula")
    func harmFormula() {
        var watch = Watch()
        watch.see(.candidate, 3, bad: 1, weight: 500)
        watch.see(.stable, 2, bad: 1, weight: 500)
        watch.see(.stable, 50, weight: 500)
        let w = 0.05
        var mean = 0.0
        for r in [1.5, 2, 3, 5, 10, 30, 100] {
            let q = r * w / (r * w + 1 - w)
            let (candidate, stable) = (q / w, (1 - q) / (1 - w))
            // Half for the whole release, and a fifth of the other half for the first of five weights.
            mean += candidate * candidate * candidate * stable * stable / 7 * 0.6
        }
        #expect(abs(tenTo(watch.summary.harm) - mean) < 1e-9 * mean)
    }
    private func tenTo(_ x: Double) -> Double {
        // Without a mathematics library: 10^x by its series.
        var (term, sum) = (1.0, 1.0)
        for n in 1..<60 {
            term *= x * 2.302585092994046 / Double(n)
            sum += term
        }
        return sum
    }

    @Test("6.1: bad units that fall as the weights do are no evidence, however many")
    func common() {
        var watch = Watch()
        for _ in 0..<200 {
            watch.see(.candidate, 1, bad: 1, weight: 2500)
            watch.see(.stable, 3, bad: 1, weight: 2500)
            // So that no guard counts them: another epoch.
            watch.wait(30_000)
        }
        #expect(watch.finding.verdict != .fail && watch.summary.harm < 0)
    }

    @Test("6.3: FAIL is latched, whatever comes afterwards")
    func latched() {
        var watch = Watch()
        watch.see(.candidate, 5, bad: 1)
        #expect(watch.finding.verdict == .fail)
        watch.see(.stable, 5000, bad: 1)
        watch.see(.candidate, 5000)
        #expect(watch.finding.verdict == .fail)
    }

    @Test("6.5: about 12, 32 and 65 clean requests open the gates of 10, 25 and 50 %", arguments: zip([0, 1, 2], [13, 34, 75]))
    func gates(step: Int, atMost: Int) throws {
        var story = Story.live(.sample(Strategy()))
        for _ in 0..<step {
            story.take(.tick(.good(step: 600_000)))
            story.apply()
        }
        var watch = Watch(release: story.release)
        #expect(watch.release.step == step)
        let counted = watch.count({ $0.see(.candidate, 1) }, until: { $0.isGateOpen })
        let needed = try #require(counted)
        #expect((atMost * 3 / 5...atMost).contains(needed))
    }

    @Test("6.4: about 200 clean requests show an objective of 2 %; a bad run closes it again")
    func passes() throws {
        var watch = Watch()
        let counted = watch.count({ $0.seeShare(1) }, until: { $0.verdict == .pass })
        let needed = try #require(counted)
        #expect((150...230).contains(needed))
        watch.see(.candidate, 3, bad: 1, weight: 5000)
        #expect(watch.finding.verdict != .pass)
    }

    @Test("6.4: where normal is beyond the objective, comparison alone shows it is no worse")
    func relativePass() throws {
        var watch = Watch()
        let rounds = watch.count(
            {
                $0.see(.candidate, 19, weight: 5000)
                $0.see(.candidate, 1, bad: 1, weight: 5000)
                $0.see(.stable, 19, weight: 5000)
                $0.see(.stable, 1, bad: 1, weight: 5000)
            }, until: { $0.verdict == .pass })
        #expect(try #require(rounds) < 60)
    }

    @Test("no data is never success: without any a release neither passes nor fails")
    func silence() {
        var watch = Watch()
        watch.wait(599_999)
        #expect(watch.finding.verdict == .inconclusive && watch.finding.hasData && !watch.finding.isGateOpen)
        watch.wait(1)
        #expect(watch.finding.verdict == .noData && !watch.finding.hasData)
        watch.see(.stable, 1)
        #expect(watch.finding.verdict == .inconclusive)
    }

    @Test("an objective that is only reported never decides")
    func reported() {
        var watch = Watch(.sample(Strategy(), objectives: [Objective(name: "errors"), Objective(name: "slow", isReportOnly: true)]))
        watch.seeShare(300, bad: 2)
        #expect(watch.finding.verdict == .pass)
        #expect(watch.analysis.summary(for: watch.release)[1].candidate == .init(units: 300, bad: 300))
    }

    @Test("6.6: a metric of equal load counts only what was measured under it, and gates no step")
    func equalLoad() {
        var watch = Watch(.sample(Strategy(), objectives: [Objective(name: "errors"), Objective(name: "ttft", slo: 0.05, compare: .equalLoad)]))
        watch.seeShare(100, bad: 2, comparable: 0b01)
        #expect(watch.finding.isGateOpen && watch.finding.verdict == .inconclusive)
        #expect(watch.analysis.summary(for: watch.release)[1].candidate.units == 0)
        watch.see(.candidate, 30, bad: 2, weight: 5000)
        #expect(watch.finding.verdict == .fail && watch.finding.culprit == "ttft")
    }

    @Test("6.6: with a control, candidate and control are even partners, whatever their weight")
    func control() {
        var strategy = Strategy()
        strategy.hasControl = true
        let spec = ReleaseSpec.sample(strategy, objectives: [Objective(name: "errors"), Objective(name: "ttft", slo: 0.05, compare: .equalLoad)])
        var watch = Watch(spec)
        for _ in 0..<100 {
            watch.see(.candidate, 1, bad: 2)
            watch.see(.control, 1, bad: 2)
            watch.see(.stable, 18)
        }
        let ttft = watch.analysis.summary(for: watch.release)[1]
        #expect(ttft.harm < 0 && ttft.stable.units == 100 && watch.finding.verdict != .fail)
    }

    @Test("6.7: pairs that score lower fail, pairs that score the same pass", arguments: [0.0, 0.1])
    func paired(loss: Double) {
        var watch = Watch(.sample(Strategy(), objectives: [Objective(name: "quality", source: .pairedShadow, scorer: .json, margin: 0.02)]))
        var dice = Dice(5)
        for n in 0..<4000 {
            let stable = dice.happens(0.9) ? 1.0 : 0.0
            let candidate = dice.happens(loss) ? 0 : stable
            watch.analysis.add([PairedScore(objective: 0, stable: stable, candidate: candidate, at: Int64(n))])
        }
        watch.analysis.advance(to: 4000)
        #expect(watch.finding.verdict == (loss > 0 ? .fail : .pass))
    }

    @Test("6.8: shares that contradict the weights are noticed, those that agree are not", arguments: [false, true])
    func assignment(isUneven: Bool) {
        var watch = Watch()
        for n in 0..<2000 { watch.see(n % 20 < (isUneven ? 3 : 1) ? .candidate : .stable, 1) }
        watch.wait(120_000)
        #expect(watch.finding.verdict == (isUneven ? .assignmentBias : .inconclusive) || watch.finding.verdict == .pass && !isUneven)
        guard isUneven else { return }
        var story = Story.live(.sample(Strategy()))
        story.take(.tick(.good(.assignmentBias)))
        story.take(.resume(reason: "a known bot"))
        #expect(watch.analysis.finding(for: story.release).verdict != .assignmentBias)
    }

    @Test("6.8: a slower side's requests are missing for a while, and that is not uneven")
    func slower() {
        var watch = Watch()
        func one(_ variant: Variant, began: Milliseconds, took: Milliseconds) {
            watch.analysis.add([
                Observation(key: 0, hasKey: false, variant: variant, candidateWeight: 5000, known: 1, bad: 0, at: began + took, took: took)
            ])
        }
        // 20 s of traffic; stable answers at once, the candidate takes 40 s.
        for n in 0..<1000 { one(.stable, began: Int64(n * 20), took: 10) }
        watch.wait(35_000)
        #expect(watch.finding.verdict != .assignmentBias)
        for n in 0..<1000 { one(.candidate, began: Int64(n * 20), took: 40_000) }
        watch.wait(120_000)
        #expect(watch.finding.verdict == .pass && watch.summary.srm < 0)
    }

    @Test("shadowed answers open a gate, and never count as a comparison")
    func shadow() {
        var watch = Watch()
        watch.analysis.add((0..<20).map { ShadowOutcome(known: 1, bad: 0, at: Int64($0)) })
        watch.analysis.advance(to: 20)
        #expect(watch.finding.isGateOpen && watch.finding.verdict == .inconclusive && watch.summary.candidate.units == 0)
    }
}

@Suite("6.2, 6.10: guards")
struct GuardTests {
    @Test("a long healthy history does not mask a sudden break: nine or ten failures at 50 %")
    func sudden() throws {
        var watch = Watch()
        watch.see(.candidate, 20_000, weight: 5000)
        watch.see(.stable, 200, bad: 1, weight: 5000)
        watch.wait(30_000)
        let counted = watch.count({ $0.see(.candidate, 1, bad: 1, weight: 5000) }, until: { $0.verdict == .guardTripped })
        let failures = try #require(counted)
        #expect((9...10).contains(failures))
        #expect(watch.finding.trip == .undecided)
    }

    @Test("nor does a healthy half of the same epoch: a dozen failures")
    func withinEpoch() throws {
        var watch = Watch()
        watch.see(.candidate, 20_000, weight: 5000)
        watch.see(.stable, 200, bad: 1, weight: 5000)
        watch.wait(30_000)
        watch.see(.candidate, 400, weight: 5000)
        let counted = watch.count({ $0.see(.candidate, 1, bad: 1, weight: 5000) }, until: { $0.verdict == .guardTripped })
        #expect((11...14).contains(try #require(counted)))
    }

    @Test("each epoch starts afresh: failures spread thin do not trip it")
    func thin() {
        var watch = Watch()
        for _ in 0..<50 {
            watch.see(.candidate, 3, bad: 1, weight: 5000)
            watch.see(.stable, 3, bad: 1, weight: 5000)
            watch.see(.candidate, 17, weight: 5000)
            watch.wait(30_000)
        }
        #expect(watch.finding.trip == nil)
    }

    @Test("what stable shows in the same epoch makes it a common cause at once")
    func commonNow() {
        var watch = Watch()
        watch.see(.candidate, 5000, weight: 5000)
        watch.wait(30_000)
        for _ in 0..<12 {
            watch.see(.stable, 1, bad: 1, weight: 5000)
            watch.see(.candidate, 1, bad: 1, weight: 5000)
        }
        #expect(watch.finding.verdict == .guardTripped && watch.finding.trip == .common && !watch.finding.isStableHealthy)
    }

    @Test("what stable shows in the next epoch does so too; nothing against it counts against the candidate", arguments: [false, true])
    func later(isCommon: Bool) {
        var watch = Watch()
        watch.see(.candidate, 5000, weight: 5000)
        watch.wait(30_000)
        watch.see(.candidate, 12, bad: 1, weight: 5000)
        #expect(watch.finding.trip == .undecided)
        watch.wait(30_000)
        #expect(watch.finding.trip == .undecided)
        watch.see(.stable, 60, weight: 0)
        watch.see(.stable, 20, bad: isCommon ? 1 : 0, weight: 0)
        watch.wait(30_000)
        #expect(watch.finding.trip == (isCommon ? .common : .candidate))
        #expect(watch.finding.verdict == .guardTripped)
    }

    @Test("a common cause is forgotten when stable is well again, and can trip anew")
    func recovers() {
        var watch = Watch()
        for _ in 0..<40 {
            watch.see(.stable, 1, bad: 1, weight: 5000)
            watch.see(.candidate, 1, bad: 1, weight: 5000)
        }
        #expect(watch.finding.trip == .common && !watch.finding.isStableHealthy)
        watch.wait(30_000)
        watch.see(.stable, 5, weight: 0)
        watch.wait(30_000)
        #expect(watch.finding.trip == nil && !watch.finding.isStableHealthy)
        watch.see(.stable, 5, weight: 0)
        watch.wait(30_000)
        #expect(watch.finding.isStableHealthy && watch.finding.verdict != .guardTripped)
    }

    @Test("while it bakes, a rate that the first guard lets pass trips the second")
    func bake() {
        var watch = Watch(release: Story.baking(.sample(Strategy())).release)
        watch.see(.stable, 3000, weight: 500)
        watch.wait(300_000)
        var isTripped = false
        for _ in 0..<10 where !isTripped {
            // 12 % of the candidate's, none of stable's.
            watch.see(.candidate, 22, weight: 9500)
            watch.see(.candidate, 3, bad: 1, weight: 9500)
            watch.see(.stable, 2, weight: 9500)
            watch.wait(25_000)
            isTripped = watch.finding.verdict == .guardTripped
        }
        #expect(isTripped)
    }
}

@Suite("sessions")
struct SessionTests {
    static func watch() -> Watch { Watch(.sample(Strategy(), unit: .session)) }

    @Test("a user whose every request fails is one piece of evidence, not thirty")
    func once() {
        var watch = Self.watch()
        watch.see(.candidate, 30, bad: 1, key: 1)
        let one = watch.summary.harm
        watch.see(.candidate, 300, bad: 1, key: 1)
        #expect(watch.summary.harm == one && watch.finding.verdict == .inconclusive)
        watch.see(.candidate, 1, bad: 1, key: 2)
        #expect(watch.summary.harm > one)
        for key in 3...6 as ClosedRange<UInt64> { watch.see(.candidate, 1, bad: 1, key: key) }
        #expect(watch.finding.verdict == .fail)
    }

    @Test("requests without a key are units of their own")
    func keyless() {
        var watch = Self.watch()
        watch.see(.candidate, 5, bad: 1)
        #expect(watch.finding.verdict == .fail)
    }

    @Test("the first ten minutes of a session speak in the absolute tests, once they are over")
    func window() {
        var watch = Self.watch()
        for key in 1...20 as ClosedRange<UInt64> { watch.see(.candidate, 3, key: key) }
        #expect(!watch.finding.isGateOpen)
        watch.wait(600_000)
        watch.see(.stable, 1, key: 99)
        #expect(watch.finding.isGateOpen)
    }

    @Test("after a restart a session is still counted once, and nothing rises before fresh data")
    func restored() throws {
        var watch = Self.watch()
        for key in 1...3 as ClosedRange<UInt64> { watch.see(.candidate, 1, bad: 1, key: key) }
        let marks = watch.analysis.takeNewSessions()
        #expect(marks == (1...3).map { SessionMark(key: $0, harmed: 1, isClosed: true) })
        #expect(watch.analysis.takeNewSessions() == [])
        let harm = watch.summary.harm
        var again = watch
        again.analysis = try Analysis(parsing: watch.analysis.inputs)
        again.analysis.restore(sessions: marks)
        again.analysis.restart(at: 50)
        again.now = 50
        for key in 1...3 as ClosedRange<UInt64> { again.see(.candidate, 5, bad: 1, key: key) }
        #expect(again.summary.harm == harm)
        again.see(.candidate, 5, bad: 1, key: 3)
        #expect(again.analysis.takeNewSessions() == [])
    }
}

@Suite("the text that a decision is stored with")
struct EvidenceTextTests {
    /// An eventful release, so that every part of the text is used.
    static func eventful() -> Watch {
        let objectives = [
            Objective(name: "errors"), Objective(name: "ttft", slo: 0.05, compare: .equalLoad),
            Objective(name: "quality", source: .pairedShadow, scorer: .json)
        ]
        var watch = Watch(.sample(Strategy(), objectives: objectives, unit: .session))
        var dice = Dice(3)
        for n in 0..<3000 {
            let weight = dice.pick([500, 1000, 5000])
            let isCandidate = dice.happens(Double(weight) / 10_000)
            watch.see(
                isCandidate ? .candidate : .stable, 1, bad: dice.happens(0.1) ? UInt32(dice.number(0...3)) : 0, weight: weight,
                key: dice.happens(0.8) ? UInt64(dice.number(1...400)) : nil)
            if n % 100 == 0 {
                watch.analysis.add([PairedScore(objective: 2, stable: 0.7, candidate: Double(dice.number(0...10)) / 10, at: watch.now)])
                watch.analysis.add([ShadowOutcome(known: 3, bad: 1, at: watch.now)])
                watch.wait(Int64(dice.number(0...20_000)))
            }
        }
        return watch
    }

    @Test("a finding is computed again from it bit for bit, and goes on the same")
    func again() throws {
        let watch = Self.eventful()
        let text = watch.analysis.inputs
        var other = watch
        other.analysis = try Analysis(parsing: text)
        #expect(other.analysis == watch.analysis && other.analysis.inputs == text)
        #expect(other.finding == watch.finding)
        #expect(other.analysis.summary(for: other.release) == watch.analysis.summary(for: watch.release))
        var (a, b) = (watch, other)
        for w in [500, 9500] {
            // Without keys: the sessions are not part of the text.
            a.see(.candidate, 7, bad: 1, weight: w)
            b.see(.candidate, 7, bad: 1, weight: w)
        }
        #expect(a.analysis.inputs == b.analysis.inputs && a.finding == b.finding)
    }

    @Test("what is cut short, longer, or not of this kind is refused")
    func refuses() {
        let text = Self.eventful().analysis.inputs
        for broken in [
            "", "nonsense", text.split(separator: " ").dropLast().joined(separator: " "), text + " 1", text.replacing("metric", with: "metrix"),
            text.replacing("rules 4", with: "rules nan")
        ] {
            #expect(throws: HubError.self) { try Analysis(parsing: broken) }
        }
        var dice = Dice(8)
        let words = text.split(separator: " ")
        for _ in 0..<300 {
            // Any change either is refused or is a sound analysis that can be used.
            var changed = words
            changed[dice.number(0...words.count - 1)] = dice.pick(["0", "-1", "7", "999999999999", "1e300", "x"])
            guard var analysis = try? Analysis(parsing: changed.joined(separator: " ")) else { continue }
            analysis.advance(to: 1)
            _ = analysis.finding(for: Story.live().release)
        }
    }
}

@Suite("observed time")
struct StopwatchTests {
    @Test("counts at most two intervals a tick, only with the route in effect and data fresh")
    func counts() {
        var watch = Stopwatch()
        var story = Story.live()
        watch.advance(by: 250, tick: 250, release: story.release, hasFreshData: true)
        watch.advance(by: 90_000, tick: 250, release: story.release, hasFreshData: true)
        watch.advance(by: -5, tick: 250, release: story.release, hasFreshData: true)
        watch.advance(by: 250, tick: 250, release: story.release, hasFreshData: false)
        #expect(watch.stepObserved == 750 && watch.totalObserved == 750)
        story.take(.tick(.good()))
        watch.advance(by: 250, tick: 250, release: story.release, hasFreshData: true)
        #expect(watch.stepObserved == 0 && watch.totalObserved == 750)
        story.apply()
        watch.advance(by: 250, tick: 250, release: story.release, hasFreshData: true)
        #expect(watch.stepObserved == 250 && watch.totalObserved == 1000)
    }

    @Test("a pause is timed from its last change, and clearing from the last relapse")
    func pauses() {
        var watch = Stopwatch()
        var story = Story.live()
        story.take(.tick(.good(.noData) { $0.finding.hasData = false }))
        for _ in 0..<3 { watch.advance(by: 100, tick: 100, release: story.release, hasFreshData: false) }
        #expect(watch.pausedFor == 300 && watch.clearedFor == 0)
        for _ in 0..<2 { watch.advance(by: 100, tick: 100, release: story.release, hasFreshData: true) }
        #expect(watch.clearedFor == 200)
        watch.advance(by: 100, tick: 100, release: story.release, hasFreshData: false)
        #expect(watch.clearedFor == 0)
        story.take(.pause(reason: "lunch"))
        watch.advance(by: 100, tick: 100, release: story.release, hasFreshData: true)
        #expect(watch.pausedFor == 100 && watch.clearedFor == 100 && watch.totalObserved == 0)
    }
}
