import Core
import Gateway
import Testing

@Suite("retries and ejection")
struct RetryTests {
    /// Closes every connection as soon as it has read a request.
    static func broken() throws -> Upstream {
        try Upstream { call in
            try call.readBody()
            try call.hangUp()
        }
    }

    @Test("a request that no byte answered goes to another replica, body and all; the failure counts for its version")
    func anotherReplica() async throws {
        let broken = try Self.broken()
        let sound = try Upstream { call in
            let body = try call.readBody()
            try call.answer(200, "\(body.count)")
        }
        let stable = try Upstream.saying("stable")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, broken, sound)
            try await lab.route(candidate: 10_000)
            for size in [0, 5, 100_000] {
                let answer = try await lab.post("/v1/endpoints/chat/x", String(repeating: "a", count: size))
                #expect(answer.status == 200 && answer.text == "\(size)")
                #expect(answer["x-variant"] == "candidate")
            }
            #expect(stable.seen.isEmpty)
            let observed = try await lab.observations(3)
            #expect(observed.allSatisfy { $0.variant == .candidate && $0.known == 1 })
            #expect(observed.filter { $0.bad == 1 }.count == broken.seen.count)
        }
    }

    @Test("to stable only where the route says so; it is charged to the candidate all the same", arguments: [false, true])
    func onStable(_ isAllowed: Bool) async throws {
        let broken = try Self.broken()
        let stable = try Upstream.saying("stable")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, broken)
            try await lab.route(candidate: 10_000) { $0.retriesOnStable = isAllowed }
            let answer = try await lab.get()
            #expect(answer.status == (isAllowed ? 200 : 502))
            if isAllowed { #expect(answer.text == "stable") }
            let observed = try await lab.observations(1)
            #expect(observed.count == 1 && observed[0].variant == .candidate && observed[0].bad == 1 && observed[0].candidateWeight == 10_000)
        }
    }

    @Test("a refused connection counts as a failure of its version, also when a retry saved the request")
    func refused() async throws {
        let stable = try Upstream.saying("stable")
        let closed = try ClosedPort()
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, ports: [closed.port])
            try await lab.route(candidate: 10_000) { $0.retriesOnStable = true }
            #expect(try await lab.get().text == "stable")
            let observed = try await lab.observations(1)
            #expect(observed[0].variant == .candidate && observed[0].bad == 1)
        }
    }

    @Test("an answer is an answer: 500 is passed on, not tried again")
    func answersArePassed() async throws {
        let failing = try Upstream.saying("sorry", status: 500)
        let sound = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, failing, sound)
            try await lab.route()
            var statuses: [Int: Int] = [:]
            for _ in 0..<4 { statuses[try await lab.get().status, default: 0] += 1 }
            #expect(failing.seen.count == statuses[500, default: 0])
        }
    }

    @Test("never after the first byte of an answer")
    func notAfterTheFirstByte() async throws {
        let breaking = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            try call.hangUp()
        }
        let sound = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, sound)
            await lab.serve(Lab.candidate, breaking)
            try await lab.route(candidate: 10_000) { $0.retriesOnStable = true }
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            let text = String(decoding: try await client.receiveToEnd(), as: UTF8.self)
            #expect(text.hasSuffix("12345") && text.components(of: "HTTP/1.1") == 1)
            #expect(sound.seen.isEmpty && breaking.seen.count == 1)
            #expect(try await lab.observations(1)[0].bad == 1)
        }
    }

    @Test("a body beyond the replay buffer is forwarded, and not tried again")
    func largeBody() async throws {
        let broken = try Self.broken()
        let stable = try Upstream { call in
            let body = try call.readBody()
            try call.answer(200, "\(body.count)")
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, broken)
            try await lab.route(candidate: 10_000) { $0.retriesOnStable = true }
            let answer = try await lab.post("/v1/endpoints/chat/x", String(repeating: "a", count: 3 << 20))
            #expect(answer.status == 502)
            #expect(stable.seen.isEmpty)
            try await lab.route(candidate: 0)
            #expect(try await lab.post("/v1/endpoints/chat/x", String(repeating: "a", count: 3 << 20)).text == "\(3 << 20)")
        }
    }

    @Test("retries are a small share of the traffic, however much fails")
    func budget() async throws {
        let broken = try Self.broken()
        let stable = try Upstream.saying("stable")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, broken)
            try await lab.route(candidate: 10_000) { $0.retriesOnStable = true }
            var saved = 0
            for _ in 0..<60 where try await lab.get().status == 200 { saved += 1 }
            // One under way at a time: the share allows none, the allowance of three a second some.
            #expect(saved >= 1 && saved <= 20, "\(saved) of 60")
            #expect(stable.seen.count == saved)
        }
    }

    @Test("a replica with five errors in a row is left out, and let in again after its time; never all of them")
    func ejection() async throws {
        let broken = try Self.broken()
        let sound = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, broken, sound)
            try await lab.route()
            for _ in 0..<40 {
                _ = try await lab.get()
                // So that the budget for retries is not what is measured.
                lab.clock.forward(1000)
                if broken.seen.count == 5 { break }
            }
            #expect(broken.seen.count == 5)
            for _ in 0..<20 { #expect(try await lab.get().status == 200) }
            #expect(broken.seen.count == 5)
            #expect(lab.gateway.metrics().contains("grayling_gateway_ejections_total"))
            lab.clock.forward(31_000)
            for _ in 0..<20 { _ = try await lab.get() }
            #expect(broken.seen.count > 5)
        }
    }

    @Test("the last replica is never left out")
    func neverAll() async throws {
        let broken = try Self.broken()
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(broken)
            for _ in 0..<12 { #expect(try await lab.post("/v1/endpoints/chat/x", "{}").status == 502) }
            #expect(broken.seen.count >= 12)
        }
    }

    @Test("serve-any-ready: with no stable replica the candidate takes all, and nothing is compared")
    func anyReady() async throws {
        let candidate = try Upstream.saying("candidate")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.candidate, candidate)
            try await lab.route(candidate: 0) { $0.servesAnyReady = true }
            for _ in 0..<5 { #expect(try await lab.get().text == "candidate") }
            try await Task.sleep(for: .milliseconds(50))
            #expect(lab.gateway.takeReports().flatMap(\.observations).allSatisfy { $0.comparable == 0 || $0.known == 0 })
        }
    }
}
