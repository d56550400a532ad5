import Testing

@Suite("nothing is smuggled")
struct SmugglingTests {
    @Test("requests that could be read in two ways are refused, and no second request comes out of them", arguments: HostileRequest.all)
    func requests(_ hostile: HostileRequest) async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try? await client.send(hostile.bytes)
            let answer = try await client.receiveToEnd()
            let text = String(decoding: answer, as: UTF8.self)
            #expect(!upstream.rawText.contains("SMUGGLED"))
            if hostile.isRefusedAtOnce {
                #expect(text.hasPrefix("HTTP/1.1 4") || text.hasPrefix("HTTP/1.1 5"), "\(text.prefix(300))")
                #expect(upstream.seen.isEmpty)
            } else {
                // The head may have gone upstream; then it ended there in the middle.
                #expect(!text.hasPrefix("HTTP/1.1 2"), "\(text.prefix(300))")
                #expect(upstream.seen.count <= 1)
            }
            #expect(text.answers <= 1, "\(text.prefix(300))")
            // The gateway and the upstream are well afterwards.
            #expect(try await lab.get().status == 200)
        }
    }

    @Test("the same in small pieces", arguments: HostileRequest.all)
    func pieces(_ hostile: HostileRequest) async throws {
        guard hostile.bytes.count < 10_000 else { return }
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            do {
                var rest = hostile.bytes[...]
                while !rest.isEmpty {
                    try await client.send(Array(rest.prefix(3)))
                    rest = rest.dropFirst(3)
                }
            } catch {
                // Refused before all was sent.
            }
            let text = String(decoding: try await client.receiveToEnd(), as: UTF8.self)
            #expect(!upstream.rawText.contains("SMUGGLED"))
            #expect(text.answers <= 1 && !text.hasPrefix("HTTP/1.1 2"), "\(text.prefix(300))")
        }
    }

    @Test("a request behind a refused one on the same connection is never read")
    func afterRefusal() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send(
                "GET /v1/endpoints/nobody/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                    + HostileRequest.second.replacing("SMUGGLED", with: "fine"))
            // An answer of the gateway's own with a body that was declared: either read to its end or the connection is closed.
            let first = try await client.answer()
            #expect(first.status == 404)
            for seen in upstream.seen { #expect(seen.target == "/fine") }
        }
    }

    @Test("answers that could be read in two ways never reach a client whole", arguments: HostileAnswer.all)
    func answers(_ hostile: HostileAnswer) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            if call.seen.target == "/good" { return try call.answer(200, "good") }
            try call.send(hostile.bytes)
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/bad HTTP/1.1\r\nHost: h\r\n\r\n")
            switch hostile.kind {
            case .refused:
                let answer = try await client.answer()
                #expect(answer.status == 502, "\(answer.line)")
                #expect(!answer.text.contains("SMUGGLED"))
            case .cut:
                let text = String(decoding: try await client.receiveToEnd(), as: UTF8.self)
                #expect(!text.contains("SMUGGLED") && !text.hasSuffix("\r\n0\r\n\r\n"), "\(text)")
                #expect(text.answers == 1)
            case .followed:
                let answer = try await client.answer()
                #expect(answer.status < 300 && !answer.text.contains("SMUGGLED"))
            }
            // Whoever comes next, on the same connection or another, gets an answer of its own.
            if hostile.kind == .followed {
                try await client.send("GET /v1/endpoints/chat/good HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await client.answer().text == "good")
            }
            for _ in 0..<3 { #expect(try await lab.get("/v1/endpoints/chat/good").text == "good") }
        }
    }

    @Test("endless 1xx answers end")
    func endlessInformational() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            for _ in 0..<3000 { try call.send("HTTP/1.1 102 Processing\r\nX-Pad: \(String(repeating: "a", count: 100))\r\n\r\n") }
            try call.answer(200, "at last")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let answer = try await lab.get()
            #expect(answer.status == 200 || answer.status == 502)
            // What came before it reached nobody who asks anew.
            #expect(try await lab.get().status == answer.status)
        }
    }

    @Test("a header of the client cannot pose as the gateway's own")
    func forgedHeaders() async throws {
        let upstream = try Upstream.saying(
            "x", fields: "X-Variant: forged\r\nX-Route-Generation: 999\r\nX-Model-Version: forged\r\nX-Endpoint: forged\r\n")
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let answer = try await lab.get(fields: "X-Shadow: 1\r\n")
            #expect(answer.all("x-variant") == ["stable"])
            #expect(answer.all("x-endpoint") == ["chat"])
            #expect(answer.all("x-model-version") == ["1.0.0"])
            #expect(answer.all("x-route-generation") == ["1"])
            #expect(upstream.seen[0]["x-shadow"] == nil)
        }
    }
}

extension String {
    /// How often it holds the other.
    func components(of other: String) -> Int { ranges(of: other).count }
    /// How many answers begin in it.
    var answers: Int { ranges(of: #/HTTP/1\.1 [0-9]{3} /#).count }
}
