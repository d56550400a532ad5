import Core
import Gateway
import Testing

@Suite("shadow traffic")
struct ShadowTests {
    static let answer = #"{"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}"#

    static func route(_ lab: Lab, ratio: Int = 10_000, bodyLimit: Int = 1 << 20, _ objectives: [Objective] = []) async throws {
        try await lab.route(candidate: 0) {
            $0.wire = .openai
            $0.shadow = ShadowRule(backend: Lab.candidate, ratio: ratio, bodyLimit: bodyLimit)
            $0.objectives = [Objective(name: "errors")] + objectives
        }
    }
    static func quality(_ scorer: Scorer) -> Objective { Objective(name: "quality", source: .pairedShadow, scorer: scorer) }
    static func saying(_ text: String, status: Int = 200) throws -> Upstream {
        try .saying(text, status: status, fields: "Content-Type: application/json\r\n")
    }

    /// What the shadow had to say until there are that many outcomes.
    static func reports(_ lab: Lab, shadows count: Int) async throws -> (pairs: [PairedScore], shadows: [ShadowOutcome], observations: [Observation])
    {
        let all = Shared((pairs: [PairedScore](), shadows: [ShadowOutcome](), observations: [Observation]()))
        try await eventually("\(count) shadow outcomes") {
            let reports = lab.gateway.takeReports()
            return all.withLock { all in
                all.pairs += reports.flatMap(\.pairs)
                all.shadows += reports.flatMap(\.shadows)
                all.observations += reports.flatMap(\.observations)
                return all.shadows.count >= count
            }
        }
        return all.withLock { $0 }
    }

    @Test("the candidate gets the same request, marked; the client gets stable's answer alone")
    func same() async throws {
        let stable = try Self.saying(Self.answer)
        let candidate = try Self.saying(Self.answer.replacing("hello", with: "other"))
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, candidate)
            try await Self.route(lab, [Self.quality(.exact)])
            let body = #"{"model":"chat","messages":[],"pad":""# + String(repeating: "p", count: 50_000) + #""}"#
            let answer = try await lab.post("/v1/chat/completions?x=1", body, fields: "X-Mine: 1\r\n")
            #expect(answer.text == Self.answer && answer["x-variant"] == "stable")
            let found = try await Self.reports(lab, shadows: 1)
            #expect(candidate.seen.count == 1 && stable.seen.count == 1)
            #expect(candidate.seen[0].body == Array(body.utf8))
            #expect(candidate.seen[0].target == stable.seen[0].target && candidate.seen[0]["x-mine"] == "1")
            #expect(candidate.seen[0].fields.contains { $0.name.contains("shadow") })
            #expect(!stable.seen[0].fields.contains { $0.name.contains("shadow") })
            #expect(found.shadows.allSatisfy { $0.bad & 1 == 0 && $0.known & 1 == 1 })
            #expect(found.pairs.count == 1 && found.pairs[0].objective == 1 && found.pairs[0].stable == 1 && found.pairs[0].candidate == 0)
            // Shadow work is nobody's request.
            let usage = try await LimitTests.usage(lab, requests: 1)
            #expect(usage.values.reduce(0) { $0 + $1.requests } == 1)
        }
    }

    @Test("equal answers score alike", arguments: [Scorer.exact, .json, .status, .lengthRatio])
    func equal(_ scorer: Scorer) async throws {
        let stable = try Self.saying(Self.answer)
        let candidate = try Self.saying(Self.answer)
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, candidate)
            try await Self.route(lab, [Self.quality(scorer)])
            for _ in 0..<3 { #expect(try await lab.post("/v1/chat/completions", #"{"model":"chat"}"#).status == 200) }
            let found = try await Self.reports(lab, shadows: 3)
            #expect(found.pairs.count == 3)
            #expect(found.pairs.allSatisfy { $0.stable == 1 && $0.candidate == 1 }, "\(found.pairs)")
        }
    }

    @Test("a candidate that errs, breaks off or says no JSON shows", arguments: ["500", "hangs up", "no json", "cosine"])
    func bad(_ how: String) async throws {
        let embedding = #"{"data":[{"index":0,"embedding":[1.0,0.0,0.0]}]}"#
        let stable = try Self.saying(how == "cosine" ? embedding : Self.answer)
        let candidate = try Upstream { call in
            try call.readBody()
            switch how {
            case "500": try call.answer(500, "{}")
            case "no json": try call.answer(200, "not json", fields: "Content-Type: application/json\r\n")
            case "cosine": try call.answer(200, #"{"data":[{"index":0,"embedding":[0.0,1.0,0.0]}]}"#, fields: "Content-Type: application/json\r\n")
            default: try call.hangUp()
            }
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, candidate)
            try await Self.route(lab, [Self.quality(how == "cosine" ? .cosine : how == "no json" ? .json : .status)])
            #expect(try await lab.post("/v1/embeddings", #"{"model":"chat"}"#).status == 200)
            let found = try await Self.reports(lab, shadows: 1)
            let isError = how == "500" || how == "hangs up"
            #expect(found.shadows[0].known & 1 == 1 && (found.shadows[0].bad & 1 == 1) == isError)
            #expect(found.pairs.count == 1 && found.pairs[0].stable == 1 && found.pairs[0].candidate < 0.6, "\(found.pairs)")
        }
    }

    @Test("a kept connection that was closed just when it was taken is nobody's failure")
    func stale() async throws {
        let stable = try Self.saying(Self.answer)
        let candidate = try Upstream { call in
            try call.readBody()
            if call.number == 1 { try call.hangUp() }
            try call.answer(200, Self.answer)
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, candidate)
            try await Self.route(lab)
            for _ in 0..<2 {
                #expect(try await lab.post("/v1/chat/completions", #"{"model":"chat"}"#).status == 200)
                #expect(try await Self.reports(lab, shadows: 1).shadows.allSatisfy { $0.bad == 0 })
            }
            #expect(candidate.seen.count == 3 && candidate.connections == 2)
        }
    }

    @Test("only the share that was asked for")
    func ratio() async throws {
        let stable = try Self.saying(Self.answer)
        let candidate = try Self.saying(Self.answer)
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, candidate)
            try await Self.route(lab, ratio: 2000)
            let client = try await lab.connect()
            for _ in 0..<500 {
                try await client.send(Lab.posting("/v1/chat/completions", #"{"model":"chat"}"#))
                _ = try await client.answer(to: "POST")
            }
            try await Task.sleep(for: .milliseconds(100))
            // 100 expected, standard deviation 8.9: five of them; some may be skipped under load.
            #expect((20...145).contains(candidate.seen.count), "\(candidate.seen.count)")
        }
    }

    @Test("skipped, and counted by reason: a body beyond the cap, and when shadow work is too slow", arguments: ["body", "load", "failed"])
    func skipped(_ reason: String) async throws {
        let stable = try Self.saying(Self.answer)
        let hold = Gate()
        let candidate = try Upstream { call in
            try call.readBody()
            if reason == "load" { hold.pass() }
            try call.answer(200, Self.answer)
        }
        let closed = try ClosedPort()
        try await Lab.run(loops: 1, adjust: { $0.maxShadows = 2 }) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, ports: [reason == "failed" ? closed.port : candidate.port])
            try await Self.route(lab, bodyLimit: 10_000)
            let body = reason == "body" ? #"{"model":"chat","p":""# + String(repeating: "p", count: 20_000) + #""}"# : #"{"model":"chat"}"#
            for _ in 0..<6 { #expect(try await lab.post("/v1/chat/completions", body).status == 200) }
            let word = reason == "body" ? "skipped_body" : reason == "load" ? "skipped_load" : "failed"
            try await eventually("\(word) is counted") {
                lab.gateway.metrics().split(separator: "\n").contains {
                    $0.hasPrefix("grayling_gateway_shadow_requests_total") && $0.contains("\"\(word)\"") && !$0.hasSuffix(" 0")
                }
            }
            if reason == "body" { #expect(candidate.seen.isEmpty) }
            if reason == "load" { #expect(candidate.seen.count <= 2) }
            hold.open(times: 10)
        }
    }

    @Test("a slow shadow delays nobody")
    func slow() async throws {
        let stable = try Self.saying(Self.answer)
        let hold = Gate()
        let candidate = try Upstream { call in
            try call.readBody()
            hold.pass()
            try call.answer(200, Self.answer)
        }
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, stable)
            await lab.serve(Lab.candidate, candidate)
            try await Self.route(lab)
            let client = try await lab.connect()
            for _ in 0..<5 {
                try await client.send(Lab.posting("/v1/chat/completions", #"{"model":"chat"}"#))
                #expect(try await client.answer(to: "POST").status == 200)
            }
            // A client that leaves does not take the shadow's answer away.
            client.close()
            hold.open(times: 10)
            let found = try await Self.reports(lab, shadows: 5)
            #expect(found.shadows.count == 5)
        }
    }
}
