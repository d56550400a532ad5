import Core
import Release
import Testing

@Suite("a release that goes well, transition by transition")
struct TransitionTests {
    @Test("1, 2: submitted, it waits until it may begin")
    func submits() {
        var story = Story()
        #expect(story.take(.tick(Tick())) == [])
        #expect(story.release.phase == .pending && story.release.generation == 0)
        #expect(story.take(.submitted(isWarm: false)) == [])
        #expect(story.release.generation == 1)
        #expect(story.take(.submitted(isWarm: false)) == [] && story.release.generation == 1)
        #expect(story.take(.tick(Tick(mayBegin: false))) == [])
        #expect(story.take(.tick(Tick(isWindowOpen: false))) == [])
        #expect(story.release.phase == .pending && story.release.generation == 1)
        #expect(story.take(.tick(Tick())) == [.prepareCandidate])
        #expect(story.release.phase == .preparing && story.notices == ["started"])
    }

    @Test("5: what nothing lets begin fails")
    func deadline() {
        var story = Story()
        story.take(.submitted(isWarm: false))
        #expect(story.take(.pendingDeadline) == [.releaseBlobs])
        #expect(story.release.phase == .failed && story.release.outcome?.code == "not-scheduled" && story.notices == ["failed"])
    }

    @Test("6: ready, warm and checked, in any order, is live")
    func prepares() {
        for order in [[Event.replicasReady, .warmupPassed, .goldenPassed], [.goldenPassed, .replicasReady, .warmupPassed]] {
            var story = Story.preparing()
            #expect(story.take(order[0]) == [])
            #expect(story.take(order[0]) == [])
            #expect(story.take(order[1]) == [])
            #expect(story.release.phase == .preparing)
            #expect(story.take(order[2]) == [.route(.candidate(500))])
            #expect(story.release.phase == .progressing && story.release.step == 0 && !story.release.isRouteApplied)
        }
    }

    @Test(
        "7: what goes wrong before the first request fails it, with nothing to roll back",
        arguments: [
            (Event.digestMismatch("weights.bin"), "digest-mismatch"), (.startFailed("exit 1"), "start-failed"), (.readyDeadline, "ready-deadline"),
            (.warmupFailed("500"), "warmup-failed"), (.goldenFailed("no 42"), "golden-failed")
        ])
    func fails(event: Event, code: String) {
        var story = Story.preparing()
        #expect(story.take(event) == [.stop(.candidate), .releaseBlobs])
        #expect(story.release.phase == .failed && story.release.outcome?.code == code)
        #expect(story.release.weights == .none)
        var live = Story.live()
        let before = live.release
        #expect(live.take(event) == [] && live.release == before)
    }

    @Test("9: a step is observed from the moment its route is in effect")
    func waitsForRoute() {
        var story = Story.preparing()
        for event in [Event.replicasReady, .warmupPassed, .goldenPassed] { story.take(event) }
        #expect(story.take(.tick(.good())) == [])
        #expect(story.release.step == 0)
        #expect(story.apply() == [])
        #expect(story.release.isRouteApplied)
        // The same again is not news.
        let before = story.release
        #expect(story.take(.routeApplied(generation: story.generation)) == [] && story.release == before)
        #expect(story.take(.tick(.good())) == [.route(.candidate(5000))])
    }

    @Test("9: another route's generation does not count for the one asked for")
    func olderRoute() {
        var story = Story.live()
        story.take(.tick(.good()))
        #expect(story.take(.routeApplied(generation: story.generation)) == [])
        #expect(!story.release.isRouteApplied)
        story.apply()
        #expect(story.release.isRouteApplied)
    }

    @Test(
        "10: a step is left only with its time observed and its gate open",
        arguments: [
            (Tick.good(step: 119_999), false), (.good { $0.finding.isGateOpen = false }, false), (.good(), true), (.good(.pass), true)
        ])
    func steps(tick: Tick, isLeft: Bool) {
        var story = Story.live()
        #expect(story.take(.tick(tick)) == (isLeft ? [.route(.candidate(5000))] : []))
        #expect(story.release.step == (isLeft ? 1 : 0))
        #expect(story.notices == (isLeft ? ["step"] : []))
    }

    @Test("12: the last step is left only when every metric passes")
    func lastStep() {
        var story = Story.last()
        #expect(story.take(.tick(.good())) == [])
        #expect(story.take(.tick(.good(.pass, step: 1))) == [])
        #expect(story.take(.tick(.good(.pass))) == [.route(.candidate(9500))])
        #expect(story.release.phase == .baking && story.notices == ["baking"])
    }

    @Test("27, 28: after the bake stable moves, once, and the old version is drained and stopped")
    func completes() {
        var story = Story.baking()
        #expect(story.take(.tick(.good(bake: 599_999))) == [])
        #expect(story.take(.tick(.good(bake: 600_000) { $0.finding.hasData = false })) == [])
        #expect(story.take(.tick(.good(bake: 600_000))) == [.moveStable, .route(.candidate(10_000))])
        #expect(story.release.phase == .completing)
        #expect(story.take(.abort(reason: "too late")) == [])
        #expect(story.take(.drainDone) == [])
        #expect(story.apply() == [.drain(.previous)])
        #expect(story.take(.drainDeadline) == [.stop(.previous)])
        #expect(story.release.phase == .succeeded && story.notices == ["succeeded"])
        let before = story.release
        for event in [Event.abort(reason: "x"), .controllerStarted, .drainDone, .tick(.good(.fail))] {
            #expect(story.take(event) == [] && story.release == before)
        }
    }

    @Test("28: the version before is kept running where the strategy says so")
    func keepsPrevious() {
        var strategy = Strategy.sample()
        strategy.keepsPrevious = true
        var story = Story.baking(.sample(strategy))
        story.take(.tick(.good(bake: 600_000)))
        #expect(story.apply() == [])
        #expect(story.release.phase == .succeeded)
    }

    @Test("a control slice is as large as the candidate's")
    func control() {
        var strategy = Strategy.sample()
        strategy.hasControl = true
        var story = Story.live(.sample(strategy))
        #expect(story.release.weights == .init(candidate: 500, control: 500))
        #expect(story.take(.tick(.good())) == [.route(.init(candidate: 5000, control: 5000))])
        story.apply()
        #expect(story.take(.tick(.good(.pass))) == [.route(.candidate(9500))])
    }
}
