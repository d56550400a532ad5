import Core
import Gateway
import Testing

@Suite("which endpoint a request is for")
struct RoutingTests {
    /// A replica that says its name and what it was asked for.
    static func named(_ name: String) throws -> Upstream {
        try Upstream { call in
            try call.readBody()
            try call.answer(200, "\(name) \(call.seen.target)")
        }
    }

    @Test("the path of an endpoint")
    func paths() async throws {
        let upstreams = [try Self.named("chat"), try Self.named("embed")]
        try await Lab.run { lab in
            for (upstream, name) in zip(upstreams, ["chat", "embed"]) {
                await lab.serve(Lab.backend(upstream.port), upstream)
                try await lab.route(Lab.name(name)) { $0.targets[0].backend = Lab.backend(upstream.port) }
            }
            #expect(try await lab.get("/v1/endpoints/chat/a/b").text == "chat /a/b")
            #expect(try await lab.get("/v1/endpoints/embed/a?b=c/d").text == "embed /a?b=c/d")
            #expect(try await lab.get("/v1/endpoints/embed/").text == "embed /")
            #expect(try await lab.get("http://h/v1/endpoints/embed/abs").text == "embed /abs")
            for unknown in ["/v1/endpoints/nobody/x", "/v1/endpoints/", "/", "/v3/x", "/v1/endpoints/../chat/x"] {
                let answer = try await lab.get(unknown)
                #expect(answer.status == 404, "\(unknown)")
                #expect(answer["content-type"]?.contains("json") == true)
            }
        }
    }

    @Test(
        "the model field, wherever it stands and however it is spelt",
        arguments: [
            #"{"model":"chat"}"#, #"{"model":"chat-large","messages":[]}"#,
            #"  { "messages" : [{"role":"user","content":"say \"model\":\"embed\""}] , "model" : "chat" }"#,
            #"{"a":{"model":"embed"},"model":"chat"}"#, #"{"b":[{"model":"embed"},[]],"model":"acme\/chat"}"#, #"{"model":"\u0063hat"}"#,
            #"{"x":"é\\","n":-1.5e3,"t":true,"z":null,"model":"chat"}"#, #"{"modelx":"embed","model":"chat"}"#
        ])
    func modelField(_ body: String) async throws {
        let chat = try Self.named("chat")
        let embed = try Self.named("embed")
        try await Lab.run { lab in
            await lab.serve(Lab.stable, chat)
            try await lab.route {
                $0.wire = .openai; $0.publicNames = ["chat-large", "acme/chat"]
            }
            await lab.serve(Lab.control, embed)
            try await lab.route(Lab.name("embed")) {
                $0.wire = .openai; $0.targets[0].backend = Lab.control
            }
            for path in ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings"] {
                let answer = try await lab.post(path, body)
                #expect(answer.text == "chat \(path)")
            }
            // The body goes on as it came, in pieces too.
            let client = try await lab.connect()
            try await client.send(Array(Lab.posting("/v1/chat/completions", body).utf8), inPiecesBy: Chance(3))
            #expect(try await client.answer(to: "POST").status == 200)
            #expect(chat.seen.allSatisfy { $0.body == Array(body.utf8) })
            #expect(embed.seen.isEmpty)
        }
    }

    @Test(
        "a model field that is not there, or no text, or of nobody",
        arguments: [
            (#"{}"#, 400), (#"{"messages":[]}"#, 400), (#"{"model":7}"#, 400), (#"{"model":["chat"]}"#, 400), (#"[1]"#, 400), ("", 400),
            (#"{"model":"nobody"}"#, 404),
            (#"{"model":"chat""#, 200), (#"{"model":"#, 400), (#"not json"#, 400), (#"{"model":"embed","model":"chat"}"#, 0)
        ])
    func badModel(_ body: String, _ status: Int) async throws {
        let chat = try Self.named("chat")
        try await Lab.run { lab in
            try await lab.simple(chat) { $0.wire = .openai }
            let answer = try await lab.post("/v1/chat/completions", body)
            // What says one thing twice may be refused or read by its first; it must not crash.
            if status != 0 && status != 200 { #expect(answer.status == status, "\(answer.text)") }
            if answer.status >= 400 { #expect(answer["content-type"]?.contains("json") == true && answer.text.contains("error")) }
            #expect(try await lab.get().status == 200)
        }
    }

    @Test("a model field behind 64 KiB is not looked for: 400 with a hint")
    func lookAhead() async throws {
        let chat = try Self.named("chat")
        try await Lab.run { lab in
            try await lab.simple(chat) { $0.wire = .openai }
            let far = #"{"messages":""# + String(repeating: "a", count: 70_000) + #"","model":"chat"}"#
            let answer = try await lab.post("/v1/chat/completions", far)
            #expect(answer.status == 400)
            #expect(answer.text.contains("model") && (answer.text.contains("64") || answer.text.contains("65536")))
            #expect(chat.seen.isEmpty)
            let near = #"{"messages":""# + String(repeating: "a", count: 60_000) + #"","model":"chat"}"#
            #expect(try await lab.post("/v1/chat/completions", near).status == 200)
            // Found early, the rest may be as long as it likes.
            let long = #"{"model":"chat","messages":""# + String(repeating: "b", count: 3_000_000) + #""}"#
            #expect(try await lab.post("/v1/chat/completions", long).status == 200)
            #expect(chat.seen.last?.body == Array(long.utf8))
            // Chunked, and never found: bounded too.
            let client = try await lab.connect()
            try await client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try? await client.send("11170\r\n[" + String(repeating: " ", count: 0x1116F) + "\r\n")
            #expect(try await client.answer(to: "POST").status == 400)
        }
    }

    @Test("a search behind Expect: 100-continue gets its body first")
    func expectWithModel() async throws {
        let chat = try Self.named("chat")
        try await Lab.run { lab in
            try await lab.simple(chat) { $0.wire = .openai }
            let client = try await lab.connect()
            let body = #"{"model":"chat"}"#
            try await client.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            #expect(try await client.head().status == 100)
            try await client.send(body)
            #expect(try await client.answer(to: "POST").status == 200)
        }
    }

    @Test("models are the endpoints, not their versions")
    func models() async throws {
        let chat = try Self.named("chat")
        try await Lab.run { lab in
            try await lab.simple(chat) {
                $0.wire = .openai; $0.publicNames = ["chat-large"]
            }
            try await lab.route(Lab.name("zoo"))
            let answer = try await lab.get("/v1/models")
            #expect(answer.status == 200 && answer["content-type"]?.contains("json") == true)
            for name in [#""chat""#, #""chat-large""#] { #expect(answer.text.contains(name)) }
            #expect(!answer.text.contains("1.0.0"))
            #expect(chat.seen.isEmpty)
        }
    }

    @Test("open inference")
    func openInference() async throws {
        let vision = try Self.named("vision")
        try await Lab.run { lab in
            await lab.serve(Lab.stable, vision)
            try await lab.route(Lab.name("vision")) {
                $0.wire = .openInference; $0.publicNames = ["resnet"]
            }
            #expect(try await lab.post("/v2/models/vision/infer", "{}").text == "vision /v2/models/vision/infer")
            #expect(try await lab.post("/v2/models/resnet/infer", "{}").status == 200)
            #expect(try await lab.post("/v2/models/nobody/infer", "{}").status == 404)
        }
    }

    @Test("a removed endpoint is unknown, one that is removed while it answers ends its answers")
    func remove() async throws {
        let go = Gate()
        let upstream = try Upstream { call in
            try call.readBody()
            if call.seen.target == "/slow" { go.pass() }
            try call.answer(200, "x")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let slow = try await lab.connect()
            try await slow.send("GET /v1/endpoints/chat/slow HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is under way") { upstream.seen.count == 1 }
            try await lab.gateway.remove(Lab.endpoint)
            #expect(try await lab.get().status == 404)
            go.open()
            #expect(try await slow.answer().status == 200)
        }
    }

    @Test("an older generation, and the same again, change nothing")
    func generations() async throws {
        try await Lab.run { lab in
            let (_, candidate) = try await lab.pair(0)
            var old = try await lab.route(candidate: 0)
            old.generation -= 1
            old.targets[0].weight = 0
            old.targets[1].weight = 10_000
            try? await lab.gateway.apply(old)
            var same = old
            same.generation += 1
            try? await lab.gateway.apply(same)
            for _ in 0..<5 { #expect(try await lab.get()["x-variant"] == "stable") }
            #expect(candidate.seen.isEmpty)
        }
    }
}
