import Core
import Gateway
import Release
import Testing

@Suite("changes under load")
struct ChangeTests {
    /// Requests over kept-alive connections until the body returns; what they were answered.
    static func load(
        _ lab: Lab, clients: Int = 8, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> (statuses: [Int: Int], variants: [String: Int], stale: Int) {
        let isOver = Shared(false)
        let tally = Shared((statuses: [Int: Int](), variants: [String: Int](), stale: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    let client = try await lab.connect()
                    var last = 0
                    while !isOver.value {
                        try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
                        let answer = try await client.answer()
                        let generation = Int(answer["x-route-generation"] ?? "") ?? -1
                        tally.withLock { tally in
                            tally.statuses[answer.status, default: 0] += 1
                            tally.variants[answer["x-variant"] ?? "none", default: 0] += 1
                            // A connection never sees the route go back.
                            if generation < last { tally.stale += 1 }
                        }
                        last = generation
                    }
                }
            }
            do { try await body() } catch {
                isOver.withLock { $0 = true }
                throw error
            }
            isOver.withLock { $0 = true }
            try await group.waitForAll()
        }
        return tally.withLock { $0 }
    }

    @Test("weights change a hundred times, and no request fails or sees an older route")
    func weights() async throws {
        try await Lab.run { lab in
            _ = try await lab.pair(0)
            let found = try await Self.load(lab) {
                var chance = Chance(5)
                for _ in 0..<100 {
                    try await lab.route(candidate: chance.number(0...10_000))
                    try await Task.sleep(for: .milliseconds(4))
                }
            }
            #expect(Set(found.statuses.keys) == [200], "\(found.statuses)")
            #expect(found.variants["stable", default: 0] > 0 && found.variants["candidate", default: 0] > 0)
            #expect(found.stale == 0)
        }
    }

    @Test("when apply has returned, no new request takes the older route")
    func atOnce() async throws {
        try await Lab.run { lab in
            let (stable, candidate) = try await lab.pair(0)
            for round in 0..<50 {
                let isOn = round % 2 == 0
                try await lab.route(candidate: isOn ? 10_000 : 0)
                #expect(try await lab.get()["x-variant"] == (isOn ? "candidate" : "stable"))
            }
            #expect(stable.seen.count == 25 && candidate.seen.count == 25)
        }
    }

    @Test("replicas come and go, and no request fails")
    func replicas() async throws {
        let upstreams = try (0..<4).map { try Upstream.saying("\($0)") }
        try await Lab.run { lab in
            await lab.serve(Lab.stable, upstreams[0])
            try await lab.route()
            let found = try await Self.load(lab) {
                var chance = Chance(6)
                for _ in 0..<60 {
                    let chosen = upstreams.map(\.port).filter { _ in chance.number(0...1) == 0 }
                    // Gone from the list, a replica finishes what it has.
                    await lab.serve(Lab.stable, ports: chosen.isEmpty ? [upstreams[0].port] : chosen)
                    try await Task.sleep(for: .milliseconds(4))
                }
            }
            #expect(Set(found.statuses.keys) == [200], "\(found.statuses)")
        }
    }

    @Test("a request under way stays with its route and its replica")
    func underWay() async throws {
        let go = Gate()
        let old = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nold")
            go.pass()
            try call.send("old")
        }
        let new = try Upstream.saying("new")
        try await Lab.run { lab in
            try await lab.simple(old)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            var head = try await client.head()
            await lab.serve(Lab.candidate, new)
            try await lab.route { $0.targets[0].backend = Lab.candidate }
            await lab.serve(Lab.stable, ports: [])
            #expect(try await lab.get().text == "new")
            #expect(lab.gateway.inFlight(of: Lab.stable) == 1)
            go.open()
            try await client.readBody(of: &head)
            #expect(head.text == "oldold" && head["x-route-generation"] == "1")
            try await eventually("nothing is under way") { lab.gateway.inFlight(of: Lab.stable) == 0 }
        }
    }

    @Test("a draining replica takes no new requests and finishes those it has")
    func draining() async throws {
        let go = Gate()
        let first = try Upstream { call in
            try call.readBody()
            go.pass()
            try call.answer(200, "first")
        }
        let second = try Upstream.saying("second")
        try await Lab.run { lab in
            await lab.serve(Lab.stable, first)
            try await lab.route()
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is there") { first.seen.count == 1 }
            await lab.serve(Lab.stable, first, second, draining: [0])
            for _ in 0..<10 { #expect(try await lab.get().text == "second") }
            go.open()
            #expect(try await client.answer().text == "first")
            #expect(first.seen.count == 1)
        }
    }

    @Test("it goes on serving the last route when nobody controls it, and keeps what it saw within bounds")
    func failStatic() async throws {
        try await Lab.run(adjust: { $0.observationLimit = 50 }) { lab in
            let (stable, _) = try await lab.pair(1000)
            let client = try await lab.connect()
            for _ in 0..<300 {
                try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await client.answer().status == 200)
            }
            #expect(stable.seen.count > 200)
            // Some lanes may still be handing in the last one.
            try await Task.sleep(for: .milliseconds(50))
            let reports = lab.gateway.takeReports()
            let kept = reports.reduce(0) { $0 + $1.observations.count }
            #expect(kept <= 100 && kept + reports.reduce(0) { $0 + $1.lost } == 300, "kept \(kept), lost \(reports.map(\.lost))")
        }
    }

    @Test("stopping lets requests end and takes no new ones")
    func stop() async throws {
        let go = Gate()
        let upstream = try Upstream { call in
            try call.readBody()
            go.pass()
            try call.answer(200, "last")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let idle = try await lab.connect()
            let busy = try await lab.connect()
            try await busy.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is there") { upstream.seen.count == 1 }
            async let stopped: Void = lab.gateway.stop(deadline: 30_000)
            #expect(await idle.isEnded())
            go.open()
            let answer = try await busy.answer()
            #expect(answer.text == "last")
            await stopped
            await #expect(throws: (any Error).self) { _ = try await lab.get() }
        }
    }

    @Test("stopping cuts what has not ended at the deadline")
    func stopAtDeadline() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.untilGone()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let busy = try await lab.connect()
            try await busy.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is there") { upstream.seen.count == 1 }
            await lab.gateway.stop(deadline: 100)
            _ = try await busy.receiveToEnd()
            try await eventually("the replica is free") { upstream.gone == 1 }
        }
    }
}
