import Core
import TestKit
import Testing
import Wire

@Suite("What a client hears when something goes wrong")
struct ErrorHookTests {
    @Test("every kind of failure takes the dialect's shape")
    func shapes() async throws {
        try await TestServer.run { server in
            func ask(_ method: String, _ path: String, _ body: String = "") async throws -> HTTPProbe.Answer {
                try await HTTPProbe.ask(port: server.port, path, method: method, headers: [("X-Request-Id", "my-id")], body: Array(body.utf8))
            }
            let unknown = try await ask("GET", "/nowhere?token=hf_secret")
            #expect(unknown.status == 404 && unknown.text == "unknown-route|nothing is served for GET /nowhere; check the address|my-id")
            #expect(unknown["x-request-id"] == "my-id")
            let hub = try await ask("PUT", "/refused")
            #expect(hub.status == 400 && hub.text == "not-permitted|not you|my-id")
            let framework = try await ask("GET", "/forbidden")
            #expect(framework.status == 402 && framework.text == "invalid-request|pay|my-id")
            let inside = try await ask("GET", "/boom")
            #expect(inside.text.hasPrefix("internal-error|") && !inside.text.contains("hunter2") && inside.text.contains("my-id"))
            #expect(server.log.lines.contains { $0.hasPrefix("error a request failed") && $0.contains("my-id") && $0.contains("hunter2") })
        }
    }

    @Test(
        "JSON that does not fit is the client's fault, and says where",
        arguments: [
            ("{}", "'count' in the request body is missing"), ("{\"count\":\"x\"}", "'count' in the request body has the wrong type: expected Int"),
            ("{\"count\":null}", "'count' in the request body"), ("{", "the request body is not valid JSON")
        ])
    func json(_ body: String, _ sentence: String) async throws {
        try await TestServer.run { server in
            let answer = try await HTTPProbe.ask(
                port: server.port, "/json", method: "POST", headers: [("Content-Type", "application/json")], body: Array(body.utf8))
            #expect(answer.status == 400)
            #expect(answer.text.contains(sentence), "\(answer.text)")
        }
    }

    @Test("the access log has one line for each request, and no secret in it")
    func accessLog() async throws {
        try await TestServer.run { server in
            let secret = [("Authorization", "Bearer hf_secret")]
            for path in ["/file/5?sig=hf_secret", "/echo/hi?sig=hf_secret", "/stream?sig=hf_secret"] {
                _ = try await HTTPProbe.ask(port: server.port, path, headers: secret)
            }
            let expected = ["debug GET /file/5 200 5 ", "info GET /echo/hi 200 2 ", "info GET /stream 200 13 "]
            for start in expected {
                try await eventually("a line '\(start)'") { server.log.lines.count { $0.hasPrefix(start) } == 1 }
            }
            #expect(server.log.lines.contains { $0.hasPrefix(expected[0]) && $0.contains(" reader ") })
            #expect(server.log.lines.contains { $0.hasPrefix(expected[1]) && $0.contains(" anonymous ") })
            #expect(!server.log.lines.contains { $0.contains("hf_secret") })
        }
    }
}
