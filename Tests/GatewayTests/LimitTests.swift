import Core
import Gateway
import Synchronization
import Testing

@Suite("limits, tenants and quotas")
struct LimitTests {
    /// Answers when the gate opens, and knows how many it had at once.
    final class Slow: Sendable {
        let gate = Gate()
        let most = Atomic<Int>(0)
        private let now = Atomic<Int>(0)
        func serve(_ call: Upstream.Call) throws {
            try call.readBody()
            let count = now.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
            most.max(count, ordering: .sequentiallyConsistent)
            gate.pass()
            now.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            try call.answer(200, "done")
        }
    }

    @Test("a replica never has more than its cap; the others wait in order")
    func cap() async throws {
        let slow = Slow()
        let upstream = try Upstream { try slow.serve($0) }
        try await Lab.run { lab in
            try await lab.simple(upstream) { $0.limits.maxInFlightPerReplica = 3 }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 { group.addTask { try await lab.get().status } }
                try await eventually("three are there") { upstream.seen.count == 3 }
                try await Task.sleep(for: .milliseconds(50))
                #expect(upstream.seen.count == 3)
                slow.gate.open(times: 12)
                for try await status in group { #expect(status == 200) }
            }
            #expect(slow.most.load(ordering: .sequentiallyConsistent) == 3)
        }
    }

    @Test("a full queue is 503 with Retry-After at once, a late one after its time")
    func queue() async throws {
        let slow = Slow()
        let upstream = try Upstream { try slow.serve($0) }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) {
                $0.limits.maxInFlightPerReplica = 1
                $0.limits.queueSize = 2
                $0.limits.queueTimeout = 400
            }
            var clients: [Client] = []
            for number in 0..<3 {
                let client = try await lab.connect()
                try await client.send("GET /v1/endpoints/chat/\(number) HTTP/1.1\r\nHost: h\r\n\r\n")
                clients.append(client)
                if number == 0 { try await eventually("one is there") { upstream.seen.count == 1 } }
            }
            try await Task.sleep(for: .milliseconds(100))
            let full = try await lab.get()
            #expect(full.status == 503)
            #expect(Int(full["retry-after"] ?? "").map { $0 >= 1 } == true)
            for late in clients[1...] {
                let answer = try await late.answer()
                #expect(answer.status == 503 && answer["retry-after"] != nil)
            }
            slow.gate.open(times: 2)
            #expect(try await clients[0].answer().status == 200)
            // The connections and the places are good afterwards.
            try await clients[1].send("GET /v1/endpoints/chat/again HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await clients[1].answer().status == 200)
            #expect(upstream.seen.map(\.target) == ["/0", "/again"])
        }
    }

    @Test("who waits and leaves loses the place in the queue")
    func leaving() async throws {
        let slow = Slow()
        let upstream = try Upstream { try slow.serve($0) }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) {
                $0.limits.maxInFlightPerReplica = 1
                $0.limits.queueSize = 1
            }
            let first = try await lab.connect()
            try await first.send("GET /v1/endpoints/chat/first HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("one is there") { upstream.seen.count == 1 }
            let second = try await lab.connect()
            try await second.send("GET /v1/endpoints/chat/second HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("the queue is full") {
                try? await Task.sleep(for: .milliseconds(20)); return (try? await lab.get().status) == 503
            }
            second.close()
            let third = try await lab.connect()
            try await eventually("there is room again") {
                lab.gateway.metrics().contains("grayling_gateway_queue_length")
                    && !lab.gateway.metrics().contains("queue_length{endpoint=\"chat\"} 1")
            }
            try await third.send("GET /v1/endpoints/chat/third HTTP/1.1\r\nHost: h\r\n\r\n")
            try await Task.sleep(for: .milliseconds(50))
            slow.gate.open(times: 2)
            #expect(try await third.answer().status == 200)
            #expect(upstream.seen.map(\.target) == ["/first", "/third"])
        }
    }

    @Test("work goes to the replica with the least of it")
    func leastBusy() async throws {
        let slow = Slow()
        let busy = try Upstream { try slow.serve($0) }
        let idle = try Upstream.saying("idle")
        try await Lab.run(loops: 1) { lab in
            await lab.serve(Lab.stable, busy, idle)
            try await lab.route()
            let clients = [try await lab.connect(), try await lab.connect()]
            for client in clients { try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n") }
            try await eventually("the first is busy") { !busy.seen.isEmpty }
            let before = busy.seen.count
            for _ in 0..<10 { #expect(try await lab.get().text == "idle") }
            #expect(busy.seen.count == before)
            slow.gate.open(times: 10)
        }
    }

    @Test("an endpoint for tenants wants a key: none or a wrong one is 401; each is metered by name")
    func access() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) { $0.access = .tenants }
            lab.gateway.setTenants([
                Tenant(name: "acme", keys: [Lab.sha256("one"), Lab.sha256("two")]), Tenant(name: "zoo", keys: [Lab.sha256("three")])
            ])
            for fields in ["", "Authorization: Bearer wrong\r\n", "Authorization: Basic one\r\n", "Authorization: Bearer\r\n"] {
                let answer = try await lab.get(fields: fields)
                #expect(answer.status == 401, "\(fields)")
                #expect(answer["www-authenticate"] != nil)
            }
            #expect(upstream.seen.isEmpty)
            for key in ["one", "two", "three"] { #expect(try await lab.get(fields: "authorization: bearer \(key)\r\n").status == 200) }
            // A tenant's key is between it and the gateway.
            #expect(upstream.seen.allSatisfy { $0["authorization"] == nil })
            let usage = try await Self.usage(lab, requests: 3)
            #expect(usage["acme"]?.requests == 2 && usage["zoo"]?.requests == 1)
            lab.gateway.setTenants([])
            #expect(try await lab.get(fields: "Authorization: Bearer one\r\n").status == 401)
        }
    }

    static func usage(_ lab: Lab, requests: Int64) async throws -> [String: Usage] {
        let all = Shared<[String: Usage]>([:])
        try await eventually("usage of \(requests) requests") {
            for item in lab.gateway.takeUsage() {
                all.withLock { all in
                    guard var sum = all[item.tenant] else { all[item.tenant] = item; return }
                    sum.requests += item.requests
                    sum.failed += item.failed
                    sum.inputTokens += item.inputTokens
                    sum.outputTokens += item.outputTokens
                    sum.milliseconds += item.milliseconds
                    sum.bytesOut += item.bytesOut
                    all[item.tenant] = sum
                }
            }
            return all.withLock { $0.values.reduce(0) { $0 + $1.requests } } >= requests
        }
        return all.withLock { $0 }
    }

    @Test("requests per minute: 429 with Retry-After when they are used up, good again later; a tenant's own number wins")
    func requestQuota() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) { $0.limits.requestsPerMinute = 5 }
            lab.gateway.setTenants([
                Tenant(name: "small", keys: [Lab.sha256("s")]), Tenant(name: "large", keys: [Lab.sha256("l")], requestsPerMinute: 100)
            ])
            var statuses: [Int] = []
            for _ in 0..<8 { statuses.append(try await lab.get(fields: "Authorization: Bearer s\r\n").status) }
            #expect(statuses == [200, 200, 200, 200, 200, 429, 429, 429])
            let refused = try await lab.get(fields: "Authorization: Bearer s\r\n")
            #expect((1...60).contains(Int(refused["retry-after"] ?? "") ?? 0))
            for _ in 0..<20 { #expect(try await lab.get(fields: "Authorization: Bearer l\r\n").status == 200) }
            // Strangers share one quota of their own.
            #expect(try await lab.get().status == 200)
            lab.clock.forward(61_000)
            #expect(try await lab.get(fields: "Authorization: Bearer s\r\n").status == 200)
            // 5 and one more of the small one, 20 of the large, one of a stranger.
            #expect(upstream.seen.count == 27)
        }
    }

    @Test("tokens per day count what answers used, from what was used before the start on, until midnight")
    func tokenQuota() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.answer(
                200, #"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":30,"total_tokens":40}}"#,
                fields: "Content-Type: application/json\r\n")
        }
        try await Lab.run(loops: 1) { lab in
            try await lab.simple(upstream) { $0.wire = .openai }
            lab.gateway.setTenants([Tenant(name: "acme", keys: [Lab.sha256("a")], tokensPerDay: 100, tokensToday: 30)])
            let client = try await lab.connect()
            var statuses: [Int] = []
            for _ in 0..<4 {
                try await client.send(Lab.posting("/v1/chat/completions", #"{"model":"chat"}"#, fields: "Authorization: Bearer a\r\n"))
                let answer = try await client.answer(to: "POST")
                statuses.append(answer.status)
                if answer.status == 429 { #expect(answer["retry-after"] != nil) }
                // The count is taken when the answer has ended.
                try await Task.sleep(for: .milliseconds(10))
            }
            // 30, then 70, then 110.
            #expect(statuses == [200, 200, 429, 429])
            lab.clock.forward(86_400_000)
            let next = try await lab.connect()
            try await next.send(Lab.posting("/v1/chat/completions", #"{"model":"chat"}"#, fields: "Authorization: Bearer a\r\n"))
            #expect(try await next.answer(to: "POST").status == 200)
        }
    }
}
