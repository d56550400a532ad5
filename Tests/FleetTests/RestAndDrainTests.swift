import Core
import Release
import Testing

@testable import Fleet

@Suite("scale to zero, drain and stop") struct RestAndDrainTests {
    func resting() throws -> Turned {
        let order = try order(mayRest: true) { $0.scaleToZero = .init(idle: 10_000, minResident: 30_000) }
        var turned = Turned(order)
        #expect(turned(.order(order)) == [.report(.serving(turned.id, []))], "cold until somebody asks")
        return turned
    }

    @Test("the first request starts it, and many are one start")
    func wake() throws {
        var turned = try resting()
        #expect(turned.tick(after: 100_000) == [])
        #expect(turned(.wake) == [.materialise(round: 1)])
        #expect(turned(.wake) == [])
        #expect(turned(.materialised(round: 1)) == [.launch(slot: 0, run: 1)])
        #expect(turned(.wake) == [])
        _ = turned(.launched(slot: 0, run: 1, pid: 7, turned.at()))
        #expect(turned(.answers(slot: 0, run: 1)) == [.report(.ready(turned.id)), .report(.serving(turned.id, [turned.at()]))])
        #expect(turned(.wake) == [])
    }

    @Test("idle, it takes no more requests first and is ended then; a model is resident for a while at least")
    func rest() throws {
        var turned = try resting()
        _ = turned(.wake)
        _ = turned.bringUp()
        let ready = turned.now
        #expect(turned.tick(after: 29_999, lastRequest: ready) == [], "minResident")
        #expect(turned.tick(after: 1, inFlight: 1, lastRequest: ready) == [], "a request is under way")
        #expect(turned.tick(after: 0, lastRequest: turned.now - 9999) == [], "one was just there")
        #expect(turned.tick(after: 1, lastRequest: turned.now - 9999) == [.report(.serving(turned.id, []))])
        #expect(turned.tick(after: 299, lastRequest: turned.now - 10_000) == [])
        #expect(turned.tick(after: 1, lastRequest: turned.now - 10_000) == [.end(slot: 0, run: 1)])
        // A request while it is being ended: it starts again as soon as it is gone.
        #expect(turned(.wake) == [])
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "ended"))) == [.launch(slot: 0, run: 2)])
    }

    @Test("a request at the last moment keeps it alive")
    func lastMoment() throws {
        var turned = try resting()
        _ = turned(.wake)
        _ = turned.bringUp()
        #expect(turned.tick(after: 40_000) == [.report(.serving(turned.id, []))])
        #expect(turned(.wake, after: 100) == [.report(.serving(turned.id, [turned.at()]))])
        #expect(turned.tick(after: 9000) == [])
        _ = turned.tick(after: 1000)
        // One that was under way already when its replicas were taken back.
        #expect(turned.tick(after: 300, inFlight: 1) == [.report(.serving(turned.id, [turned.at()]))])
    }

    @Test("what cannot start is tried on while somebody asks, and rests when nobody does")
    func cannotStart() throws {
        var turned = try resting()
        _ = turned(.wake)
        _ = turned(.materialised(round: 1))
        _ = turned(.exited(slot: 0, run: 1, ExitFacts(text: "crash")))
        #expect(turned.tick(after: 500) == [.launch(slot: 0, run: 2)], "never sticky")
        _ = turned(.exited(slot: 0, run: 2, ExitFacts(text: "crash")))
        #expect(turned.tick(after: 30_000).contains { if case .launch = $0 { true } else { false } } == false)
        #expect(turned.machine.goal == .rest)
        #expect(turned(.wake).contains(.launch(slot: 0, run: 3)))
    }

    @Test("a start that takes longer than the idle time is waited for")
    func slowStart() throws {
        var turned = try resting()
        _ = turned(.wake)
        _ = turned(.materialised(round: 1))
        for _ in 0..<50 { #expect(turned.tick(after: 10_000) == []) }
        _ = turned(.launched(slot: 0, run: 1, pid: 7, turned.at()))
        #expect(turned(.answers(slot: 0, run: 1)).count == 2)
    }

    @Test("drained when nothing is under way, or at the deadline", arguments: [true, false])
    func drain(_ becomesIdle: Bool) throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        #expect(turned(.drain(deadline: 5000)) == [.report(.serving(turned.id, [turned.at(isDraining: true)]))])
        #expect(turned(.drain(deadline: 5000)) == [])
        #expect(turned.tick(after: 100, inFlight: 0) == [], "the gateway may not have heard yet")
        #expect(turned.tick(after: 4000, inFlight: 1) == [])
        let last = becomesIdle ? turned.tick(after: 10, inFlight: 0) : turned.tick(after: 900, inFlight: 1)
        #expect(
            last == [
                .report(.serving(turned.id, [])), .report(.drained(turned.id, atDeadline: !becomesIdle)), .end(slot: 0, run: 1)
            ])
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "ended"))) == [])
        #expect(turned.tick(after: 100_000) == [])
    }

    @Test("what is ordered again while it drains serves again")
    func undrain() throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        _ = turned(.drain(deadline: 5000))
        #expect(turned(.order(order)) == [.report(.ready(turned.id)), .report(.serving(turned.id, [turned.at()]))])
    }

    @Test("a crash while it drains is not followed by a start")
    func drainCrash() throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        _ = turned(.drain(deadline: 5000))
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "crash"))) == [.report(.serving(turned.id, []))])
        #expect(turned.tick(after: 1000) == [.report(.drained(turned.id, atDeadline: false))])
        #expect(turned.tick(after: 60_000) == [])
    }

    @Test("stop ends all, waits for them, and removes the files once")
    func stop() throws {
        let order = try order(replicas: 2)
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        #expect(turned(.stop) == [.end(slot: 0, run: 1), .end(slot: 1, run: 1), .report(.serving(turned.id, []))])
        #expect(turned(.stop) == [])
        #expect(turned(.exited(slot: 1, run: 1, ExitFacts(text: "ended"))) == [])
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "ended"))) == [.removeFiles])
        #expect(turned.tick(after: 1000) == [])
    }

    @Test("stop waits for files that are being put together")
    func stopWhileMaking() throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        #expect(turned(.stop) == [])
        #expect(turned(.materialised(round: 1)) == [.removeFiles])
    }
}
