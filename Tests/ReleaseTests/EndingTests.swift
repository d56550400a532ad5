import Core
import Release
import Testing

@Suite("the ways out")
struct EndingTests {
    /// One of each phase in which a candidate may carry traffic.
    static let live: [@Sendable () -> Story] = [
        { .live() }, { .baking() },
        {
            var story = Story.live()
            story.take(.pause(reason: "lunch"))
            return story
        }
    ]

    @Test("22: shown harm rolls back from wherever it is live, and is never unlearned", arguments: live.indices)
    func fails(i: Int) {
        var story = Self.live[i]()
        #expect(story.take(.tick(.good(.fail) { $0.finding.explanation = "errors" })) == [.route(.none)])
        #expect(story.release.phase == .rollingBack && story.release.hasFailed && story.notices == ["rolling-back"])
        #expect(story.release.outcome == .init(code: "analysis-failed", message: "errors"))
        #expect(story.take(.promote(reason: "please")) == [] && story.take(.resume(reason: "please")) == [])
        #expect(story.release.weights == .none)
    }

    @Test(
        "23, 24, 25: an unhealthy candidate, an operator and a newer release roll back",
        arguments: [
            (Event.candidateUnhealthy("crashed"), "backend-failed"), (.abort(reason: "no"), "aborted"), (.superseded(by: Known.newer), "superseded")
        ])
    func ends(event: Event, code: String) {
        for make in Self.live {
            var story = make()
            #expect(story.take(event) == [.route(.none)])
            #expect(story.release.phase == .rollingBack && story.release.outcome?.code == code && story.release.pauses == [])
        }
    }

    @Test("29, 30: the candidate is drained when no request can reach it, then stopped")
    func drains() {
        var story = Story.rollingBack()
        #expect(story.take(.drainDone) == [])
        #expect(story.apply() == [.drain(.candidate)])
        #expect(story.take(.tick(.good(.pass))) == [])
        #expect(story.take(.drainDone) == [.stop(.candidate), .releaseBlobs])
        #expect(story.release.phase == .rolledBack && story.release.outcome?.code == "aborted" && story.notices == ["rolled-back"])
    }

    @Test("3, 4, 8: before any traffic it is withdrawn")
    func withdraws() {
        for (event, phase) in [(Event.abort(reason: "no"), Release.Phase.canceled), (.superseded(by: Known.newer), .superseded)] {
            var story = Story()
            story.take(.submitted(isWarm: false))
            #expect(story.take(event) == [.releaseBlobs])
            #expect(story.release.phase == phase)
            story = .preparing()
            #expect(story.take(event) == [.stop(.candidate), .releaseBlobs])
            #expect(story.release.phase == phase)
        }
    }

    @Test("26: promotion by hand needs a reason, and then skips to the bake")
    func promotes() {
        var story = Story.live()
        story.take(.pause(reason: "lunch"))
        #expect(story.take(.promote(reason: "")) == [])
        #expect(story.take(.promote(reason: "it is the fix")) == [.route(.candidate(9500))])
        #expect(story.release.phase == .baking && story.release.pauses == [])
        #expect(story.take(.promote(reason: "again")) == [])
    }

    @Test("31: after a restart the route is applied again before any step is taken")
    func restarts() {
        var story = Story.live()
        #expect(story.take(.controllerStarted) == [])
        #expect(!story.release.isRouteApplied && story.release.phase == .progressing)
        #expect(story.take(.tick(.good())) == [] && story.release.step == 0)
        // The same generation as before.
        story.take(.routeApplied(generation: story.generation))
        #expect(story.release.isRouteApplied)
        #expect(story.take(.tick(.good())) == [.route(.candidate(5000))])
    }

    @Test("31: a preparation starts over, a drain is asked for again")
    func restartsElsewhere() {
        var story = Story.preparing()
        story.take(.replicasReady)
        #expect(story.take(.controllerStarted) == [.prepareCandidate])
        #expect(!story.release.prepared.isReady)
        story = .rollingBack()
        story.apply()
        story.take(.controllerStarted)
        #expect(story.take(.routeApplied(generation: story.generation)) == [.drain(.candidate)])
        story = .baking()
        story.take(.tick(.good(bake: 600_000)))
        story.apply()
        story.take(.controllerStarted)
        #expect(story.take(.routeApplied(generation: story.generation)) == [.drain(.previous)])
    }

    @Test("32: a jump of the wall clock changes nothing")
    func clock() {
        var story = Story.live()
        let before = story.release
        #expect(story.take(.clockJumped(seconds: -86_400)) == [] && story.release == before)
    }
}

@Suite("strategies")
struct StrategyTests {
    @Test("an endpoint's first release has nothing to compare with")
    func first() {
        var story = Story.preparing(.sample(isFirst: true))
        story.take(.replicasReady)
        story.take(.warmupPassed)
        #expect(story.take(.goldenPassed) == [.moveStable, .route(.candidate(10_000))])
        #expect(story.apply() == [])
        #expect(story.release.phase == .succeeded)
    }

    @Test("a rollback to a version that still runs is live in the moment it is submitted")
    func warmRollback() {
        var story = Story(.sample(kind: .rollback))
        #expect(story.take(.submitted(isWarm: true)) == [.route(.candidate(9500))])
        #expect(story.release.phase == .baking && story.release.generation == 1)
        story.apply()
        // It was proven before: it completes without traffic too.
        #expect(story.take(.tick(.good(bake: 600_000) { $0.finding.hasData = false })) == [.moveStable, .route(.candidate(10_000))])
    }

    @Test("a cold rollback is prepared, and then live at once")
    func coldRollback() {
        var story = Story.live(.sample(kind: .rollback))
        #expect(story.release.phase == .baking && story.release.weights == .candidate(9500))
        #expect(story.take(.tick(.good(.fail))) == [.route(.none)])
    }

    @Test("recreate makes room first, holds nothing back, and starts the old version again when it fails")
    func recreate() {
        var story = Story(.sample(.sample(.recreate)))
        story.take(.submitted(isWarm: false))
        #expect(story.take(.tick(Tick())) == [.clearStable, .prepareCandidate])
        var failing = story
        #expect(failing.take(.goldenFailed("no 42")) == [.stop(.candidate), .restoreStable, .releaseBlobs])
        story.take(.replicasReady)
        story.take(.warmupPassed)
        #expect(story.take(.goldenPassed) == [.route(.candidate(10_000))])
        #expect(story.release.phase == .baking)
        story.apply()
        var tripping = story
        #expect(tripping.take(.tick(.good(.guardTripped))) == [.restoreStable, .route(.none)])
        #expect(tripping.release.phase == .rollingBack)
        story.take(.tick(.good(bake: 600_000)))
        #expect(story.apply() == [.stop(.previous)])
        #expect(story.release.phase == .succeeded)
    }

    @Test("blue-green goes from nothing to everything")
    func blueGreen() {
        var story = Story.live(.sample(.sample(.blueGreen)))
        #expect(story.release.phase == .baking)
        story = .live(.sample(.sample(.blueGreen, steps: [.init(weight: 0, shadow: 1000), .init(weight: 5000)])))
        #expect(story.release.phase == .progressing && story.release.weights == .init(candidate: 0, shadow: 1000))
        #expect(story.take(.tick(.good { $0.finding.isGateOpen = false })) == [])
        #expect(story.take(.tick(.good())) == [.route(.candidate(9500))])
        #expect(story.release.phase == .baking)
    }

    @Test("a shadow release never goes live, and succeeds without moving stable")
    func shadow() {
        var story = Story.live(.sample(.sample(.shadow, steps: [.init(weight: 5000, shadow: 2000)])))
        #expect(story.release.weights == .init(candidate: 0, shadow: 2000))
        #expect(story.take(.promote(reason: "please")) == [])
        #expect(story.take(.tick(.good())) == [])
        #expect(story.take(.tick(.good(.pass))) == [.route(.none)])
        #expect(story.apply() == [.drain(.candidate)])
        #expect(story.take(.drainDone) == [.stop(.candidate), .releaseBlobs])
        #expect(story.release.phase == .succeeded && story.release.outcome?.code == "shadow-passed")
    }

    @Test("a step that sends nothing waits for time and people, not for data")
    func silent() {
        var story = Story.live(.sample(.sample(steps: [.init(weight: 0), .init(weight: 5000)])))
        #expect(story.take(.tick(.good(.noData) { $0.finding.hasData = false })) == [.route(.candidate(5000))])
    }
}
