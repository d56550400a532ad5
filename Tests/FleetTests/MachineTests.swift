import Core
import Release
import Testing

@testable import Fleet

typealias Action = BackendMachine.Action

/// A machine with a clock that is turned by hand.
struct Turned {
    var machine: BackendMachine
    var now: Milliseconds = 1_000_000

    init(_ order: BackendOrder, settings: FleetSettings = FleetSettings()) { machine = BackendMachine(order, settings: settings) }

    mutating func callAsFunction(_ event: BackendMachine.Event, after: Milliseconds = 0) -> [Action] {
        now += after
        return machine.handle(event, at: now)
    }

    mutating func tick(after: Milliseconds = 0, inFlight: Int = 0, lastRequest: Milliseconds? = nil) -> [Action] {
        self(.tick(inFlight: inFlight, lastRequest: lastRequest), after: after)
    }

    var id: BackendID { machine.order.backend }
    func run(_ slot: Int = 0) -> Int { machine.slots[slot].run }
    func at(_ slot: Int = 0, isDraining: Bool = false) -> ReplicaAddress {
        ReplicaAddress(slot: slot, host: "127.0.0.1", port: 4000 + slot, isDraining: isDraining)
    }

    /// Materialised, launched and answering: every replica.
    mutating func bringUp() -> [Action] {
        var actions = self(.materialised(round: machine.round))
        for slot in machine.slots.indices {
            actions += self(.launched(slot: slot, run: run(slot), pid: 100 + slot, at(slot)))
            actions += self(.answers(slot: slot, run: run(slot)))
        }
        return actions
    }
}

func order(
    replicas: Int = 1, preparation: BackendOrder.Preparation? = nil, mayRest: Bool = false, change: (inout RuntimeSpec) -> Void = { _ in }
) throws -> BackendOrder {
    try Known.order(command: ["server"], replicas: replicas, preparation: preparation, mayRest: mayRest, change: change)
}

@Suite("what a backend's replicas do next") struct MachineTests {
    let prepared = BackendOrder.Preparation(warmup: 2, checks: [GoldenCheck(path: "/x")])

    @Test("a preparation verifies, starts, warms, checks, and only then serves")
    func preparation() throws {
        let order = try order(replicas: 2, preparation: prepared)
        var turned = Turned(order)
        #expect(turned(.order(order)) == [.materialise(round: 2), .report(.serving(turned.id, []))])
        #expect(turned(.materialised(round: 2)) == [.launch(slot: 0, run: 1), .launch(slot: 1, run: 1)])
        for slot in 0...1 { #expect(turned(.launched(slot: slot, run: 1, pid: slot, turned.at(slot))) == []) }
        #expect(turned(.answers(slot: 1, run: 1)) == [])
        let both = [turned.at(0), turned.at(1)]
        #expect(turned(.answers(slot: 0, run: 1)) == [.report(.ready(turned.id)), .warmUp(round: 2, both)])
        #expect(turned(.warmed(round: 2)) == [.report(.warmed(turned.id)), .check(round: 2, both)])
        #expect(turned(.checked(round: 2)) == [.report(.serving(turned.id, both)), .report(.checked(turned.id))])
        #expect(turned.tick(after: 100) == [])
    }

    @Test("the same order again while it is carried out changes nothing")
    func repeated() throws {
        let order = try order(preparation: prepared)
        var turned = Turned(order)
        _ = turned(.order(order))
        #expect(turned(.order(order)) == [])
        _ = turned.bringUp()
        #expect(turned(.order(order)) == [])
    }

    @Test("a backend that serves goes on serving while it is prepared again, also where that fails")
    func again() throws {
        let order = try order(preparation: prepared)
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        _ = turned(.warmed(round: 2))
        _ = turned(.checked(round: 2))
        let second = turned(.order(order))
        #expect(second == [.report(.ready(turned.id)), .materialise(round: 4)])
        #expect(turned(.materialised(round: 4)) == [.warmUp(round: 4, [turned.at()])])
        #expect(turned(.notWarmed(round: 4, "slow")) == [.report(.failed(turned.id, .warmupFailed, "slow"))])
        #expect(turned.machine.state(of: turned.machine.slots[0]) == .ready)
        #expect(turned.tick(after: 1000) == [])
    }

    @Test("a failed preparation ends what it started, and nothing starts until it is ordered again", arguments: [0, 1, 2])
    func failed(_ stage: Int) throws {
        let order = try order(preparation: prepared)
        var turned = Turned(order)
        _ = turned(.order(order))
        if stage == 0 {
            #expect(
                turned(.notMaterialised(round: 2, isDamage: true, "wrong bytes")) == [.report(.failed(turned.id, .digestMismatch, "wrong bytes"))])
        } else {
            _ = turned.bringUp()
            if stage == 2 { _ = turned(.warmed(round: 2)) }
            let event: BackendMachine.Event = stage == 1 ? .notWarmed(round: 2, "no") : .notChecked(round: 2, "no")
            let kind: ReplicaReport.PrepareFailure = stage == 1 ? .warmupFailed : .goldenFailed
            #expect(turned(event) == [.report(.failed(turned.id, kind, "no")), .end(slot: 0, run: 1)])
            #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "ended"))) == [])
        }
        #expect(turned.tick(after: 100_000) == [])
        #expect(turned(.wake) == [])
        #expect(turned.machine.state(of: turned.machine.slots[0]) == .failed)
        #expect(turned(.order(order)).contains { if case .materialise = $0 { true } else { false } })
    }

    @Test("starts that fail are tried again later and later, and given up only in a preparation", arguments: [true, false])
    func backOff(_ isOnTrial: Bool) throws {
        let order = try order(preparation: isOnTrial ? prepared : nil)
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned(.materialised(round: turned.machine.round))
        let out = ExitFacts(text: "killed", isOutOfMemory: true)
        #expect(turned(.exited(slot: 0, run: 1, out)) == [])
        #expect(turned.tick(after: 499) == [])
        #expect(turned.tick(after: 1) == [.launch(slot: 0, run: 2)])
        #expect(turned(.notLaunched(slot: 0, run: 2, "no such file")) == [])
        #expect(turned.tick(after: 999) == [])
        #expect(turned.tick(after: 1) == [.launch(slot: 0, run: 3)])
        let third = turned(.exited(slot: 0, run: 3, out))
        if isOnTrial {
            #expect(third == [.report(.failed(turned.id, .outOfMemory, "replica 0 (3 starts): killed"))])
            #expect(turned.tick(after: 60_000) == [])
        } else {
            #expect(third == [])
            for n in 4...12 {
                _ = turned.tick(after: min(500 << (n - 2), 30_000))
                #expect(turned.run() == n, "one start a turn, never more than 30 s apart")
                _ = turned(.exited(slot: 0, run: n, out))
            }
        }
    }

    @Test("a minute of health makes the next crash the first again")
    func healed() throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        for _ in 0..<4 {
            _ = turned(.exited(slot: 0, run: turned.run(), ExitFacts(text: "crash")))
            _ = turned.tick(after: 30_000)
            _ = turned(.answers(slot: 0, run: turned.run()))
        }
        #expect(turned.machine.slots[0].failures == 4)
        _ = turned(.exited(slot: 0, run: turned.run(), ExitFacts(text: "crash")), after: 60_000)
        #expect(turned.machine.slots[0].failures == 1)
        #expect(turned.machine.slots[0].restarts == 5)
    }

    @Test("a port that was taken meanwhile is no failure, three times")
    func ports() throws {
        let order = try order(preparation: prepared)
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned(.materialised(round: 2))
        let taken = ExitFacts(text: "in use", isPortTaken: true)
        for run in 1...3 { #expect(turned(.exited(slot: 0, run: run, taken)) == [.launch(slot: 0, run: run + 1)]) }
        #expect(turned(.exited(slot: 0, run: 4, taken)) == [])
        #expect(turned.machine.slots[0].failures == 1)
    }

    @Test("an answer that never comes fails a preparation, and restarts what served before")
    func deadline() throws {
        let short: (inout RuntimeSpec) -> Void = { $0.readiness.deadline = 5000 }
        let trial = try order(preparation: prepared, change: short)
        var turned = Turned(trial)
        _ = turned(.order(trial))
        _ = turned(.materialised(round: 2))
        #expect(turned.tick(after: 4999) == [])
        let actions = turned.tick(after: 1)
        guard case .report(.failed(_, .readyDeadline, _))? = actions.first else { return #expect(Bool(false), "\(actions)") }
        #expect(actions.last == .end(slot: 0, run: 1))

        let served = try order(change: short)
        turned = Turned(served)
        _ = turned(.order(served))
        _ = turned(.materialised(round: 1))
        #expect(turned.tick(after: 5000) == [.end(slot: 0, run: 1)])
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "ended"))) == [])
        #expect(turned.tick(after: 500) == [.launch(slot: 0, run: 2)])
    }

    @Test("no ready replica for the grace is said once an outage")
    func unhealthy() throws {
        let order = try order(replicas: 2) {
            $0.restart.firstDelay = 60_000; $0.restart.longestDelay = 60_000
        }
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "crash"))) == [.report(.serving(turned.id, [turned.at(1)]))])
        #expect(turned.tick(after: 20_000) == [], "one replica is left")
        #expect(turned(.silent(slot: 1, run: 1, "hangs")) == [.report(.serving(turned.id, []))])
        #expect(turned.tick(after: 9999) == [])
        #expect(turned.tick(after: 1) == [.report(.unhealthy(turned.id, "no ready replica for 10 s: crash"))])
        #expect(turned.tick(after: 5000) == [])
        #expect(turned(.answers(slot: 1, run: 1)) == [.report(.serving(turned.id, [turned.at(1)]))])
        #expect(turned(.silent(slot: 1, run: 1, "hangs")) == [.report(.serving(turned.id, []))])
        #expect(turned.tick(after: 10_000).count == 1)
    }

    @Test("a replica that runs but does not answer is ended and started again")
    func hung() throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        _ = turned(.silent(slot: 0, run: 1, "no answer"))
        #expect(!turned.tick(after: 29_999).contains(.end(slot: 0, run: 1)))
        #expect(turned.tick(after: 1) == [.end(slot: 0, run: 1)])
        _ = turned(.exited(slot: 0, run: 1, ExitFacts(text: "ended")))
        #expect(turned.tick(after: 500) == [.launch(slot: 0, run: 2)])
    }

    @Test("news of an earlier launch count for nothing")
    func stale() throws {
        let order = try order()
        var turned = Turned(order)
        _ = turned(.order(order))
        _ = turned.bringUp()
        _ = turned(.exited(slot: 0, run: 1, ExitFacts(text: "crash")))
        _ = turned.tick(after: 500)
        #expect(turned(.answers(slot: 0, run: 1)) == [])
        #expect(turned(.exited(slot: 0, run: 1, ExitFacts(text: "again"))) == [])
        #expect(turned(.answers(slot: 9, run: 1)) == [])
        #expect(turned(.warmed(round: 77)) == [])
        #expect(turned.machine.slots[0].phase == .starting)
    }
}
