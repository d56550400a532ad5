import Core
import Testing

@Suite("connections to replicas")
struct PoolTests {
    @Test("are used again, one after the other, whoever the client is")
    func reuse() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            for _ in 0..<20 { #expect(try await lab.get().status == 200) }
            #expect(upstream.connections == 1)
        }
    }

    @Test("that the replica closed while nobody used them do not cost a request", arguments: 0..<3)
    func stale(_ round: Int) async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            for number in 0..<30 {
                #expect(try await lab.get().status == 200, "request \(number)")
                upstream.dropConnections()
                // Sometimes the close is noticed before the next request, sometimes after it was sent.
                if number % 2 == round % 2 { try await Task.sleep(for: .milliseconds(3)) }
            }
        }
    }

    @Test("that close under a request are tried again once for requests that may be repeated")
    func staleUnderARequest() async throws {
        // The second request on a connection finds it closed without an answer: the classic race.
        let upstream = try Upstream { call in
            try call.readBody()
            if call.number == 1 { try call.hangUp() }
            try call.answer(200, "answer \(call.number)")
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            #expect(try await lab.get().text == "answer 0")
            #expect(try await lab.get().text == "answer 2")
            #expect(upstream.connections == 2)
        }
    }

    @Test("are not used again after an answer that closes", arguments: ["Connection: close\r\n", "connection: Close, x\r\n"])
    func closing(_ field: String) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.answer(200, "x", fields: field)
            // A bad server that says close and goes on listening.
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            for _ in 0..<3 { #expect(try await lab.get().status == 200) }
            #expect(upstream.connections == 3)
        }
    }

    @Test("are not used again after an HTTP/1.0 answer")
    func oldAnswer() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx")
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            for _ in 0..<3 { #expect(try await lab.get().text == "x") }
            #expect(upstream.connections == 3)
        }
    }

    @Test("a replica that refuses, closes or says nonsense gives 502 and says so in JSON", arguments: ["refuses", "closes", "nonsense"])
    func bad(_ kind: String) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            if kind == "nonsense" { try call.send("what?\r\n\r\n") }
            try call.hangUp()
        }
        let closed = try ClosedPort()
        try await Lab.run { lab in
            await lab.serve(Lab.stable, ports: [kind == "refuses" ? closed.port : upstream.port])
            try await lab.route()
            let answer = try await lab.post("/v1/endpoints/chat/x", "{}")
            #expect(answer.status == 502 || answer.status == 503)
            #expect(answer["content-type"]?.contains("json") == true)
            #expect(answer.text.contains("\""))
        }
    }

    @Test("a replica that never begins to answer gives 504, one that stalls in its answer is cut")
    func timeouts() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            if call.seen.target == "/stall" { try call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345") }
            try call.untilGone()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream) {
                $0.limits.firstByteTimeout = 150
                $0.limits.idleTimeout = 200
            }
            let answer = try await lab.get()
            #expect(answer.status == 504)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/stall HTTP/1.1\r\nHost: h\r\n\r\n")
            let all = String(decoding: try await client.receiveToEnd(), as: UTF8.self)
            #expect(all.hasPrefix("HTTP/1.1 200") && all.hasSuffix("12345"))
            try await eventually("both were given up") { upstream.gone >= 2 }
        }
    }
}
