import Core
import Release
import Testing

@Suite("waiting, and going on")
struct PauseTests {
    @Test("13, 19: a pause by hand lasts until it is lifted, and keeps the weight")
    func manual() {
        var story = Story.live()
        #expect(story.take(.pause(reason: "lunch")) == [])
        #expect(story.release.phase == .paused && story.release.pauses == [.manual] && story.notices == ["paused"])
        #expect(story.take(.pause(reason: "again")) == [] && story.notices == [])
        #expect(story.take(.tick(.good())) == [])
        #expect(story.release.weights == .candidate(500))
        #expect(story.take(.resume(reason: "")) == [])
        #expect(story.release.phase == .progressing && story.notices == ["resumed"])
    }

    @Test("14: time used up without a verdict pauses; a person may give it as much again")
    func inconclusive() {
        var story = Story.live()
        let spent = Tick.good(total: 10_800_000) { $0.finding.isGateOpen = false }
        #expect(story.take(.tick(spent)) == [])
        #expect(story.release.pauses == [.inconclusive])
        #expect(story.take(.resume(reason: " ")) == [] && story.release.phase == .paused)
        story.take(.resume(reason: "it is a quiet week"))
        #expect(story.release.phase == .progressing)
        #expect(story.take(.tick(spent)) == [] && story.release.phase == .progressing)
        story.take(.tick(.good(total: 21_600_000) { $0.finding.isGateOpen = false }))
        #expect(story.release.pauses == [.inconclusive])
    }

    @Test("14: at the end of its time no further step is taken, but a verdict still counts")
    func spent() {
        var story = Story.live()
        story.take(.tick(.good(total: 10_800_000)))
        #expect(story.release.pauses == [.inconclusive] && story.release.step == 0)
        var last = Story.last()
        last.take(.tick(.good(.pass, total: 10_800_000)))
        #expect(last.release.phase == .baking)
    }

    @Test("14: or rolls back, where the policy says so")
    func inconclusiveRollsBack() {
        var strategy = Strategy.sample()
        strategy.onInconclusive = .rollback
        var story = Story.live(.sample(strategy))
        #expect(story.take(.tick(.good(total: 10_800_000) { $0.finding.isGateOpen = false })) == [.route(.none)])
        #expect(story.release.phase == .rollingBack && story.release.outcome?.code == "inconclusive")
    }

    @Test("15, 18: silence pauses, and data that lasts resumes; a pause by hand survives its return")
    func noData() {
        var story = Story.live()
        let silent = Tick.good(.noData) { $0.finding.hasData = false }
        #expect(story.take(.tick(silent)) == [])
        #expect(story.release.pauses == [.noData] && story.release.weights == .candidate(500))
        story.take(.pause(reason: "me too"))
        #expect(story.take(.tick(.good { $0.clearedFor = 59_999 })) == [])
        #expect(story.release.pauses == [.noData, .manual])
        story.take(.tick(.good()))
        #expect(story.release.pauses == [.manual] && story.release.phase == .paused)
        story.take(.resume(reason: ""))
        #expect(story.release.phase == .progressing && story.release.step == 0)
    }

    @Test("16: a tripped guard takes all weight away at once", arguments: [false, true])
    func trips(isBaking: Bool) {
        var story = isBaking ? Story.baking() : Story.live()
        #expect(story.take(.tick(.good(.guardTripped))) == [.route(.none)])
        #expect(story.release.phase == .paused && story.release.pauses == [.tripped])
        #expect(story.take(.resume(reason: "I want it")) == [] && story.release.phase == .paused)
        #expect(story.take(.promote(reason: "I want it")) == [] && story.release.phase == .paused)
        story.apply()
        // 16a
        #expect(
            story.take(
                .tick(
                    .good(.guardTripped) {
                        $0.finding.trip = .undecided; $0.pausedFor = 59_000
                    })) == [])
        #expect(story.take(.tick(.good(.guardTripped) { $0.finding.trip = .candidate })) == [.route(.none)])
        #expect(story.release.phase == .rollingBack && story.release.outcome?.code == "analysis-failed" && story.release.hasFailed)
    }

    @Test("16: also while it is paused by hand")
    func tripsWhilePaused() {
        var story = Story.live()
        story.take(.pause(reason: "lunch"))
        #expect(story.take(.tick(.good(.guardTripped))) == [.route(.none)])
        #expect(story.release.pauses == [.manual, .tripped])
    }

    @Test("16a: a trip that nothing explains counts against the candidate after a minute")
    func patience() {
        var story = Story.live()
        story.take(.tick(.good(.guardTripped)))
        #expect(
            story.take(
                .tick(
                    .good(.guardTripped) {
                        $0.finding.trip = .undecided; $0.pausedFor = 60_000
                    })) == [.route(.none)])
        #expect(story.release.phase == .rollingBack)
    }

    @Test("16b, 18: a common cause waits at weight 0, and the step resumes by itself", arguments: [false, true])
    func common(isBaking: Bool) {
        var story = isBaking ? Story.baking() : Story.live()
        let weights = story.release.weights
        story.take(.tick(.good(.guardTripped)))
        story.apply()
        #expect(story.take(.tick(.good(.guardTripped) { $0.finding.trip = .common })) == [])
        #expect(story.release.pauses == [.stableUnhealthy] && story.release.weights == .none)
        let sick = Tick.good { $0.finding.isStableHealthy = false }
        #expect(story.take(.tick(sick)) == [])
        #expect(story.take(.tick(.good())) == [.route(weights)])
        #expect(story.release.phase == (isBaking ? .baking : .progressing) && story.release.step == (isBaking ? 1 : 0))
    }

    @Test("17, 19: uneven assignment waits for a person, whose reason settles it", arguments: [false, true])
    func bias(isBaking: Bool) {
        var story = isBaking ? Story.baking() : Story.live()
        let phase = story.release.phase
        #expect(story.take(.tick(.good(.assignmentBias))) == [])
        #expect(story.release.pauses == [.assignmentBias])
        #expect(story.take(.resume(reason: "")) == [] && story.release.phase == .paused)
        story.take(.resume(reason: "a known bot"))
        #expect(story.release.phase == phase && story.release.isBiasAccepted)
        story.take(.tick(.good(.assignmentBias)))
        #expect(story.release.pauses == [])
    }

    @Test("a closed window holds a step that could be left, until it opens")
    func window() {
        var story = Story.live()
        #expect(story.take(.tick(.good { $0.isWindowOpen = false })) == [])
        #expect(story.release.pauses == [.window])
        #expect(story.take(.tick(.good { $0.isWindowOpen = false })) == [])
        #expect(story.take(.tick(.good())) == [] && story.release.phase == .progressing)
        #expect(story.take(.tick(.good())) == [.route(.candidate(5000))])
    }

    @Test("hooks hold a step with their reason, and not for ever")
    func hooks() {
        var strategy = Strategy.sample(steps: [.init(weight: 500, hooks: ["http://127.0.0.1/ok"]), .init(weight: 5000)])
        strategy.pendingDeadline = 1000
        var story = Story.live(.sample(strategy))
        let waiting = Tick.good { $0.hooksPassed = false }
        story.take(.tick(waiting))
        #expect(story.release.pauses == [.hooks])
        #expect(story.take(.tick(waiting)) == [] && story.release.pauses == [.hooks])
        story.take(
            .tick(
                .good {
                    $0.hooksPassed = false; $0.pausedFor = 1000
                }))
        #expect(story.release.pauses == [.hooks, .inconclusive])
        story.take(.resume(reason: "the hook is broken"))
        story.take(.tick(waiting))
        #expect(story.release.pauses == [.hooks])
        #expect(story.take(.tick(.good())) == [] && story.release.phase == .progressing)
        #expect(story.take(.tick(.good())) == [.route(.candidate(5000))])
    }
}

@Suite("approvals")
struct ApprovalTests {
    static let rule = Strategy.ApprovalRule(role: "admin", quorum: 2)
    static func awaiting(othersOnly: Bool = false) -> Story {
        var strategy = Strategy.sample(steps: [.init(weight: 500, approval: rule), .init(weight: 5000)])
        strategy.approvesOthersOnly = othersOnly
        var story = Story.live(.sample(strategy))
        story.take(.tick(.good()))
        return story
    }
    static func approval(_ story: Story, _ actor: String, _ change: (inout Approval) -> Void = { _ in }) -> Event {
        var approval = Approval(actor: actor, step: 0, generation: story.release.generation, lock: Known.lock)
        change(&approval)
        return .approve(approval)
    }

    @Test("11, 20: the step is left with the last of two approvals, whichever generation each giver saw")
    func quorum() {
        var story = Self.awaiting()
        #expect(story.release.pauses == [.awaitingApproval] && story.notices == ["awaiting-approval"])
        let first = story.release.generation
        #expect(story.take(.resume(reason: "go")) == [] && story.release.phase == .paused)
        #expect(story.take(Self.approval(story, "ada")) == [])
        #expect(story.release.generation == first + 1)
        #expect(story.take(Self.approval(story, "ada")) == [] && story.release.approvals.count == 1)
        #expect(story.take(Self.approval(story, "bob") { $0.generation = first }) == [.route(.candidate(5000))])
        #expect(story.release.step == 1 && story.release.approvals == [] && story.release.awaitingSince == nil)
    }

    @Test("20: an approval of anything else has no effect")
    func others() {
        var story = Self.awaiting()
        let before = story.release
        for change: (inout Approval) -> Void in [
            { $0.generation -= 1 }, { $0.generation += 1 }, { $0.step = 1 }, { $0.lock = Known.digest(3) }
        ] {
            #expect(story.take(Self.approval(story, "bob", change)) == [] && story.release == before)
        }
        var live = Story.live()
        let unasked = live.release
        #expect(live.take(Self.approval(live, "bob")) == [] && live.release == unasked)
    }

    @Test("the submitter's own does not count where only others' do")
    func ownApproval() {
        var story = Self.awaiting(othersOnly: true)
        story.take(Self.approval(story, "ada"))
        #expect(story.release.approvals == [])
        story.take(Self.approval(story, "bob"))
        #expect(story.take(Self.approval(story, "eve")) == [.route(.candidate(5000))])
    }

    @Test("20: with another reason to wait the step is left later, with its gate open")
    func otherReason() {
        var story = Self.awaiting()
        story.take(.pause(reason: "lunch"))
        story.take(Self.approval(story, "bob"))
        #expect(story.take(Self.approval(story, "eve")) == [])
        #expect(story.release.pauses == [.manual] && story.release.step == 0)
        story.take(.resume(reason: ""))
        #expect(story.take(.tick(.good { $0.finding.isGateOpen = false })) == [])
        #expect(story.take(.tick(.good())) == [.route(.candidate(5000))])
    }

    @Test("silence while it awaits approval keeps an approval from moving anything")
    func silence() {
        var story = Self.awaiting()
        story.take(.tick(.good(.noData) { $0.finding.hasData = false }))
        #expect(story.release.pauses == [.awaitingApproval, .noData])
        story.take(Self.approval(story, "bob"))
        #expect(story.take(Self.approval(story, "eve")) == [])
        #expect(story.release.phase == .paused && story.release.step == 0)
    }

    @Test("21: a rejection rolls back, but only where approval was asked for")
    func rejects() {
        var story = Self.awaiting()
        #expect(story.take(.reject(reason: "no")) == [.route(.none)])
        #expect(story.release.phase == .rollingBack && story.release.outcome == .init(code: "rejected", message: "no"))
        var live = Story.live()
        #expect(live.take(.reject(reason: "no")) == [] && live.release.phase == .progressing)
    }
}
