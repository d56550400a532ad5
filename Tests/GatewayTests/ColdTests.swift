import Core
import Gateway
import Testing

@Suite("cold backends")
struct ColdTests {
    @Test("requests for a cold backend wait, wake it once, and are all answered when it is ready")
    func held() async throws {
        let upstream = try Upstream.saying("warm")
        try await Lab.run { lab in
            try await lab.route()
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<20 { group.addTask { try await lab.get() } }
                try await eventually("it is woken") { !lab.woken.backends.isEmpty }
                try await Task.sleep(for: .milliseconds(80))
                #expect(Set(lab.woken.backends) == [Lab.stable])
                #expect(lab.woken.backends.count == 1)
                await lab.serve(Lab.stable, upstream)
                for try await answer in group { #expect(answer.status == 200 && answer.text == "warm") }
            }
            #expect(upstream.seen.count == 20)
            #expect(lab.gateway.metrics().contains("grayling_gateway_cold_starts_total"))
        }
    }

    @Test("a start that does not come in time is 503 with Retry-After, and the next request wakes again")
    func expired() async throws {
        try await Lab.run(loops: 1) { lab in
            try await lab.route { $0.limits.queueTimeout = 100 }
            for round in 1...3 {
                let answer = try await lab.get()
                #expect(answer.status == 503 && answer["retry-after"] != nil)
                #expect(lab.woken.backends.count == round)
            }
        }
    }

    @Test("the hold queue has an end")
    func full() async throws {
        let upstream = try Upstream.saying("warm")
        try await Lab.run(loops: 1) { lab in
            try await lab.route { $0.limits.queueSize = 2 }
            let clients = [try await lab.connect(), try await lab.connect()]
            for client in clients { try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n") }
            try await eventually("both are held") { lab.woken.backends.count == 1 }
            try await Task.sleep(for: .milliseconds(50))
            #expect(try await lab.get().status == 503)
            await lab.serve(Lab.stable, upstream)
            for client in clients { #expect(try await client.answer().status == 200) }
        }
    }

    @Test("a client that leaves the queue is not served")
    func leaves() async throws {
        let upstream = try Upstream.saying("warm")
        try await Lab.run(loops: 1) { lab in
            try await lab.route()
            let gone = try await lab.connect()
            try await gone.send("GET /v1/endpoints/chat/gone HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is held") { !lab.woken.backends.isEmpty }
            gone.close()
            try await Task.sleep(for: .milliseconds(50))
            await lab.serve(Lab.stable, upstream)
            #expect(try await lab.get("/v1/endpoints/chat/here").status == 200)
            #expect(upstream.seen.map(\.target) == ["/here"])
        }
    }

    @Test("bodies are held within bounds, and arrive whole")
    func body() async throws {
        let upstream = try Upstream { call in
            let body = try call.readBody()
            try call.answer(200, "\(body.count)")
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.route()
            async let small = lab.post("/v1/endpoints/chat/x", String(repeating: "a", count: 500_000))
            async let large = lab.post("/v1/endpoints/chat/x", String(repeating: "a", count: 20_000_000))
            try await eventually("it is woken") { !lab.woken.backends.isEmpty }
            try await Task.sleep(for: .milliseconds(100))
            await lab.serve(Lab.stable, upstream)
            #expect(try await small.text == "500000")
            #expect(try await large.text == "20000000")
        }
    }

    @Test("when a request came last is known, for those who put to sleep")
    func lastRequest() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            #expect(lab.gateway.lastRequest(of: Lab.stable) == nil)
            _ = try await lab.get()
            let first = lab.gateway.lastRequest(of: Lab.stable)
            #expect(first != nil)
            lab.clock.forward(5000)
            _ = try await lab.get()
            let second = lab.gateway.lastRequest(of: Lab.stable)
            #expect((second ?? 0) - (first ?? 0) >= 5000)
            #expect(lab.gateway.lastRequest(of: Lab.candidate) == nil)
        }
    }
}
