import Core
import Gateway
import Glibc
import Release
import Testing

@Suite("what is measured and said")
struct MeasureTests {
    @Test("answers name the version, the digest, the side and the route")
    func headers() async throws {
        try await Lab.run { lab in
            _ = try await lab.pair(10_000)
            let answer = try await lab.get()
            #expect(answer["x-endpoint"] == "chat")
            #expect(answer["x-model-version"] == "1.1.0")
            #expect(answer["x-model-digest"] == Lab.digest(101).description)
            #expect(answer["x-variant"] == "candidate")
            #expect(answer["x-route-generation"] == "1")
            #expect(answer["x-request-id"]?.isEmpty == false)
            let timing = answer["server-timing"] ?? ""
            #expect(timing.contains("gateway;dur=") && timing.contains("upstream;dur="), "\(timing)")
            let other = try await lab.get()
            #expect(other["x-request-id"] != answer["x-request-id"])
        }
    }

    @Test("a request id of the client's is kept, on both sides")
    func requestID() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run { lab in
            try await lab.simple(upstream)
            #expect(try await lab.get(fields: "X-Request-Id: abc-123\r\n")["x-request-id"] == "abc-123")
            #expect(upstream.seen[0]["x-request-id"] == "abc-123")
            let made = try await lab.get()
            #expect(upstream.seen[1]["x-request-id"] == made["x-request-id"])
        }
    }

    static let stream = [
        #"data: {"choices":[{"delta":{"role":"assistant","content":"a"}}]}"#, #"data: {"choices":[{"delta":{"content":"b"}}]}"#,
        #"data: {"choices":[{"delta":{"content":"\"usage\":{\"completion_tokens\":99}"}}]}"#,
        #"data: {"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}"#, "data: [DONE]"
    ]

    /// The stream in chunks of one event, in single bytes, or in one piece.
    @Test("tokens are read from answers, whole and streamed, however they are cut", arguments: ["json", "events", "bytes", "whole", "embeddings"])
    func tokens(_ form: String) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            if form == "json" {
                return try call.answer(
                    200,
                    #"{"choices":[{"message":{"content":"say \"usage\":{\"a\":5}"}}],"usage":{"prompt_tokens":11,"completion_tokens":3}}"#,
                    fields: "Content-Type: application/json\r\n")
            }
            if form == "embeddings" {
                let vector = (0..<5000).map { "0.\($0)" }.joined(separator: ",")
                return try call.answer(
                    200, #"{"data":[{"embedding":[\#(vector)]}],"usage":{"prompt_tokens":11,"total_tokens":11}}"#,
                    fields: "Content-Type: application/json\r\n")
            }
            try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n")
            let text = Self.stream.map { $0 + "\n\n" }
            switch form {
            case "events":
                for event in text {
                    try call.send("\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n")
                    usleep(2000)
                }
            case "bytes": for byte in text.joined().utf8 { try call.send("1\r\n\(UnicodeScalar(byte))\r\n") }
            default:
                let all = text.joined()
                try call.send("\(String(all.utf8.count, radix: 16))\r\n\(all)\r\n")
            }
            try call.send("0\r\n\r\n")
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) { $0.wire = .openai }
            let answer = try await lab.post("/v1/chat/completions", #"{"model":"chat","stream":true}"#)
            #expect(answer.status == 200)
            let usage = try await LimitTests.usage(lab, requests: 1)["anonymous"]
            #expect(usage?.requests == 1 && usage?.failed == 0)
            #expect(usage?.inputTokens == 11)
            #expect(usage?.outputTokens == (form == "embeddings" ? 0 : 3))
            #expect(usage?.version == "1.0.0" && usage?.endpoint == Lab.endpoint)
            #expect((usage?.bytesOut ?? 0) >= Int64(answer.body.count))
        }
    }

    @Test(
        "malformed streams pass as they are",
        arguments: [
            "data: {\"choices\"\n\n", "data: \u{FFFD}\u{0}\n\n", "no field\n\n", "data: {\"usage\":{\"completion_tokens\":\"many\"}}\n\n",
            "data: " + String(repeating: "x", count: 200_000) + "\n\n",
            "\n\n\n\n", "data: {\"usage\":{\"completion_tokens\":99999999999999999999}}\n\n"
        ])
    func malformed(_ event: String) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            try call.send("\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n0\r\n\r\n")
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) { $0.wire = .openai }
            let answer = try await lab.post("/v1/chat/completions", #"{"model":"chat","stream":true}"#)
            #expect(answer.body == Array(event.utf8))
        }
    }

    /// An objective for each thing that can go wrong.
    static let objectives = [
        Objective(name: "errors"), Objective(name: "ttft", bad: rule("ttft > 500ms")), Objective(name: "tpot", bad: rule("tpot > 200ms")),
        Objective(name: "slow", bad: rule("duration > 500ms")), Objective(name: "client", bad: rule("status >= 400 && status < 500"))
    ]
    static func rule(_ text: String) -> BadRule {
        do { return try BadRule(parsing: text) } catch { preconditionFailure("\(error)") }
    }

    @Test(
        "each objective is known and good or bad by what happened",
        arguments: [
            ("good", 0b00000), ("500", 0b00001), ("404", 0b10000), ("hangs up", 0b00001), ("breaks off", 0b00001), ("first token late", 0b01010),
            ("tokens slow", 0b01100)
        ])
    func objectives(_ how: String, _ bad: Int) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            switch how {
            case "500": return try call.answer(500, "{}")
            case "404": return try call.answer(404, "{}")
            case "hangs up": try call.hangUp()
            default: break
            }
            if how == "first token late" { usleep(900_000) }
            try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for (number, event) in Self.stream.enumerated() {
                try call.send("\(String(event.utf8.count + 2, radix: 16))\r\n\(event)\n\n\r\n")
                if how == "tokens slow" { usleep(250_000) }
                if how == "breaks off" && number == 1 { usleep(10_000); try call.hangUp() }
            }
            try call.send("0\r\n\r\n")
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, upstream)
            await lab.serve(Lab.candidate, upstream)
            try await lab.route(candidate: 5000) {
                $0.wire = .openai
                $0.objectives = Self.objectives
            }
            let client = try await lab.connect()
            try await client.send(Lab.posting("/v1/chat/completions", #"{"model":"chat","stream":true}"#))
            _ = try? await client.answer(to: "POST")
            let observed = try await lab.observations(1)[0]
            #expect(observed.known & 1 == 1)
            #expect(observed.candidateWeight == 5000)
            let isFailed = ["500", "hangs up", "breaks off"].contains(how)
            if isFailed {
                #expect(observed.bad & 1 == 1 && observed.bad & 0b10110 == 0, "\(observed)")
            } else {
                #expect(observed.bad & observed.known == UInt32(bad), "\(observed)")
            }
            if how == "tokens slow" { #expect(observed.known == 0b11111) }
        }
    }

    @Test("a client that leaves is nobody's failure")
    func clientLeft() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.untilGone()
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, upstream)
            await lab.serve(Lab.candidate, upstream)
            try await lab.route(candidate: 10_000)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is there") { upstream.seen.count == 1 }
            client.close()
            try await eventually("it is given up") { upstream.gone == 1 }
            try await Task.sleep(for: .milliseconds(50))
            #expect(lab.gateway.takeReports().flatMap(\.observations).allSatisfy { $0.bad == 0 })
        }
    }

    @Test("a timeout is a failure of its version")
    func timeout() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.untilGone()
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, upstream)
            await lab.serve(Lab.candidate, upstream)
            try await lab.route(candidate: 10_000) { $0.limits.firstByteTimeout = 100 }
            #expect(try await lab.get().status == 504)
            let observed = try await lab.observations(1)
            #expect(observed[0].variant == .candidate && observed[0].bad == 1)
        }
    }

    @Test("observations carry the key's hash, the side and the weight they were drawn with; they are handed out once")
    func observations() async throws {
        try await Lab.run(loops: 1) { lab in
            _ = try await lab.pair(3000) { $0.assignment = AssignmentTests.policy }
            let hash = CohortHash(key: (11, 22))
            for user in 0..<20 { _ = try await lab.get(fields: "X-Session-Id: u\(user % 10)\r\n") }
            _ = try await lab.get()
            try await Task.sleep(for: .milliseconds(50))
            let reports = lab.gateway.takeReports()
            #expect(reports.count == 1)
            #expect(
                reports[0].endpoint == Lab.endpoint && reports[0].release == ReleaseID(endpoint: Lab.endpoint, number: 1)
                    && reports[0].generation == 1)
            let observed = reports.flatMap(\.observations)
            #expect(observed.count == 21)
            for user in 0..<10 {
                let mine = observed.filter { $0.key == hash.key("u\(user)") }
                #expect(mine.count == 2)
                #expect(Set(mine.map(\.variant)) == [hash.bucket(salt: "chat-1", key: "u\(user)") < 3000 ? .candidate : .stable])
            }
            #expect(observed.allSatisfy { $0.candidateWeight == 3000 })
            #expect(observed.filter { !$0.hasKey }.count <= 1)
            #expect(zip(observed, observed.dropFirst()).allSatisfy { $0.at <= $1.at })
            #expect(lab.gateway.takeReports().flatMap(\.observations).isEmpty)
        }
    }

    @Test("without a release there is nothing to compare")
    func noRelease() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream)
            _ = try await lab.get()
            try await Task.sleep(for: .milliseconds(50))
            #expect(lab.gateway.takeReports().flatMap(\.observations).isEmpty)
        }
    }

    @Test("equal-load objectives are comparable only under equal load, looked at window by window")
    func equalLoad() async throws {
        try await Lab.run(loops: 1) { lab in
            for (weight, isComparable) in [(1000, false), (5000, true)] {
                _ = try await lab.pair(weight) {
                    $0.objectives = [Objective(name: "errors"), Objective(name: "ttft", bad: Self.rule("ttft > 100ms"), compare: .equalLoad)]
                }
                var sawComparable = false
                // A sample is taken every 100 ms, a window needs ten of them and is five seconds long.
                for _ in 0..<(isComparable ? 400 : 120) where !sawComparable {
                    for _ in 0..<3 { _ = try await lab.get() }
                    let observed = lab.gateway.takeReports().flatMap(\.observations)
                    #expect(observed.allSatisfy { $0.comparable & 1 == 1 })
                    sawComparable = observed.contains { $0.comparable & 2 == 2 }
                    lab.clock.forward(60)
                    try await Task.sleep(for: .milliseconds(30))
                }
                #expect(sawComparable == isComparable)
            }
        }
    }

    @Test("metrics count by endpoint, side, version and status, in Prometheus' format")
    func metrics() async throws {
        try await Lab.run(loops: 1) { lab in
            _ = try await lab.pair(0)
            for _ in 0..<7 { _ = try await lab.get() }
            try await eventually("seven are counted") {
                lab.gateway.metrics().split(separator: "\n").contains {
                    $0.hasPrefix("grayling_gateway_requests_total{") && $0.contains("endpoint=\"chat\"") && $0.contains("variant=\"stable\"")
                        && $0.contains("version=\"1.0.0\"") && $0.contains("code=\"200\"") && $0.hasSuffix(" 7")
                }
            }
            let text = lab.gateway.metrics()
            for name in [
                "requests_total", "assignments_total", "request_duration_seconds", "time_to_first_token_seconds", "overhead_seconds",
                "inflight_requests", "queue_length"
            ] {
                #expect(text.contains("# TYPE grayling_gateway_\(name) "), "\(name)")
            }
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let value = line.split(separator: " ").last.flatMap { Double($0) }
                #expect(value != nil, "\(line)")
            }
        }
    }
}
