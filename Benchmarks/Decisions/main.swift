import Core
import Release

// usage: bench-decisions      one line of JSON: nanoseconds an observation, microseconds a tick over 100 releases
//
// An observation is added as the gateway reports it, three metrics, one bad unit in a hundred. A tick is what the controller does
// for each release four times a second: bring the evidence up to date, judge it, feed the reducer.

func digest(_ n: UInt8) -> Digest { Digest(bytes: [UInt8](repeating: n, count: 32)) }

func makeRelease(_ number: Int64, unit: AssignmentPolicy.Unit) throws -> Release {
    let objectives = [Objective(name: "errors"), Objective(name: "ttft", slo: 0.05), Objective(name: "tpot", slo: 0.05)]
    var release = Release(
        ReleaseSpec(
            id: ReleaseID(endpoint: try EndpointName(parsing: "bench"), number: number), from: BackendID(digest(1)), to: BackendID(digest(2)),
            lock: digest(3), strategy: Strategy(), objectives: objectives, unit: unit, submittedBy: "bench"))
    for event in [Event.submitted(isWarm: false), .tick(Tick()), .replicasReady, .warmupPassed, .goldenPassed, .routeApplied(generation: 1)] {
        _ = release.reduce(event)
    }
    return release
}

/// Requests as they come at 5 %, of sessions of about ten requests each.
func observations(_ count: Int, from start: Milliseconds) -> [Observation] {
    var state: UInt64 = 1
    func draw() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
    return (0..<count).map { n in
        let key = draw() % UInt64(count / 10)
        return Observation(
            key: key, variant: key % 20 == 0 ? .candidate : .stable, candidateWeight: 500, known: 7, bad: draw() % 100 == 0 ? UInt32(draw() % 8) : 0,
            at: start + Milliseconds(n / 10))
    }
}

/// The best of five runs, as nanoseconds for one of `count`.
func best(of count: Int, _ run: () -> Void) -> Int {
    var shortest = Duration.seconds(1000)
    for _ in 0..<5 { shortest = min(shortest, ContinuousClock().measure(run)) }
    return Int(shortest / .nanoseconds(1)) / count
}

func perObservation(unit: AssignmentPolicy.Unit) throws -> Int {
    let release = try makeRelease(1, unit: unit)
    let all = observations(200_000, from: 0)
    var kept = 0
    let nanoseconds = best(of: all.count) {
        var analysis = Analysis(release.spec, at: 0)
        analysis.add(all)
        kept += analysis.inputs.count
    }
    precondition(kept > 0)
    return nanoseconds
}

func perTick(releases: Int) throws -> Int {
    var all = try (1...Int64(releases)).map { try makeRelease($0, unit: .request) }
    var analyses = all.map { Analysis($0.spec, at: 0) }
    var watches = all.map { _ in Stopwatch() }
    for i in all.indices {
        analyses[i].add(observations(2000, from: 0))
        analyses[i].advance(to: 200)
    }
    var now: Milliseconds = 200
    let ticks = 100
    let nanoseconds = best(of: ticks) {
        for _ in 0..<ticks {
            now += 250
            for i in all.indices {
                // A request in between, so that there is something to bring up to date.
                analyses[i].add([
                    Observation(key: UInt64(now), variant: .stable, candidateWeight: 500, known: 7, bad: now % 1000 == 0 ? 1 : 0, at: now)
                ])
                analyses[i].advance(to: now)
                let finding = analyses[i].finding(for: all[i])
                watches[i].advance(by: 250, tick: 250, release: all[i], hasFreshData: finding.hasData)
                _ = all[i].reduce(.tick(watches[i].tick(finding)))
            }
        }
    }
    return nanoseconds / 1000
}

let request = try perObservation(unit: .request)
let session = try perObservation(unit: .session)
let tick = try perTick(releases: 100)
print(
    "{\"nanoseconds_per_observation\": \(request), \"nanoseconds_per_session_observation\": \(session), "
        + "\"microseconds_per_tick_of_100_releases\": \(tick)}"
)
