import Core
import Gateway
import Release
import Testing

@Suite("who gets which version")
struct AssignmentTests {
    static let policy = AssignmentPolicy(
        keys: [.header("x-session-id"), .cookie("sid"), .body("user"), .tenant], unit: .session, pinHeader: "x-pin")

    static func variant(_ lab: Lab, _ user: Int) async throws -> String {
        try await lab.get(fields: "X-Session-Id: user \(user)\r\n")["x-variant"] ?? "none"
    }

    @Test("a key is always on the same side, and a growing share only moves keys to the candidate")
    func sticky() async throws {
        try await Lab.run { lab in
            let (stable, candidate) = try await lab.pair(0) { $0.assignment = Self.policy }
            var before: Set<Int> = []
            for weight in [0, 500, 1000, 2500, 5000, 9500, 10_000, 2500, 0] {
                try await lab.route(candidate: weight) { $0.assignment = Self.policy }
                var now: Set<Int> = []
                for user in 0..<120 where try await Self.variant(lab, user) == "candidate" { now.insert(user) }
                for user in 0..<20 { #expect(try await Self.variant(lab, user) == (now.contains(user) ? "candidate" : "stable")) }
                // What the hash says is what happens.
                let hash = CohortHash(key: (11, 22))
                for user in 0..<120 {
                    let isBelow = hash.bucket(salt: "chat-1", key: "user \(user)") < weight
                    #expect(isBelow == now.contains(user), "user \(user) at \(weight)")
                }
                #expect(weight >= 2500 && now.isSuperset(of: before.filter { _ in weight > 2500 }) || weight <= 2500)
                before = now
            }
            #expect(!stable.seen.isEmpty && !candidate.seen.isEmpty)
        }
    }

    @Test("each place for a key works, the first that is present wins", arguments: ["header", "cookie", "body", "tenant"])
    func places(_ place: String) async throws {
        try await Lab.run { lab in
            _ = try await lab.pair(5000) {
                $0.assignment = Self.policy; $0.wire = .openai
            }
            lab.gateway.setTenants((0..<40).map { Tenant(name: "t\($0)", keys: [Lab.sha256("key-\($0)")]) })
            let hash = CohortHash(key: (11, 22))
            for user in 0..<40 {
                let fields: String
                var body = #"{"model":"chat"}"#
                switch place {
                case "header": (fields, body) = ("x-session-id: k\(user)\r\nCookie: sid=other\(user)\r\n", #"{"model":"chat","user":"else"}"#)
                case "cookie": fields = "Cookie: a=b; sid=k\(user); c=d\r\n"
                case "body": (fields, body) = ("", #"{"model":"chat","user":"k\#(user)"}"#)
                default: fields = "Authorization: Bearer key-\(user)\r\n"
                }
                let answer = try await lab.post("/v1/chat/completions", body, fields: fields)
                let key = place == "tenant" ? "t\(user)" : "k\(user)"
                #expect(answer["x-variant"] == (hash.bucket(salt: "chat-1", key: key) < 5000 ? "candidate" : "stable"), "\(place) \(user)")
            }
        }
    }

    @Test("requests without a key are drawn in the right share")
    func drawn() async throws {
        try await Lab.run { lab in
            let (stable, candidate) = try await lab.pair(2500)
            let client = try await lab.connect()
            for _ in 0..<2000 {
                try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
                _ = try await client.answer()
            }
            // 500 expected, standard deviation 19.4: five of them.
            #expect((403...597).contains(candidate.seen.count), "\(candidate.seen.count) of 2000")
            #expect(stable.seen.count + candidate.seen.count == 2000)
        }
    }

    @Test("the same on another gateway, and after a restart")
    func restart() async throws {
        let all = Shared<[[String]]>([])
        for seed in [1, 2] as [UInt64] {
            try await Lab.run(seed: seed) { lab in
                _ = try await lab.pair(5000) { $0.assignment = Self.policy }
                var sides: [String] = []
                for user in 0..<60 { sides.append(try await Self.variant(lab, user)) }
                let found = sides
                all.withLock { $0.append(found) }
            }
        }
        let both = all.value
        #expect(both[0] == both[1] && Set(both[0]).count == 2)
    }

    @Test("the control slice is cut from stable, beside the candidate")
    func control() async throws {
        let stable = try Upstream.saying("stable")
        let candidate = try Upstream.saying("candidate")
        let control = try Upstream.saying("control")
        try await Lab.run { lab in
            await lab.serve(Lab.stable, stable, control)
            await lab.serve(Lab.candidate, candidate)
            try await lab.route(candidate: 2000) {
                $0.assignment = Self.policy
                $0.targets[0].weight = 6000
                $0.targets[0].slots = [0]
                $0.targets.append(
                    RouteTarget(variant: .control, backend: Lab.stable, weight: 2000, version: "1.0.0", model: Lab.digest(100), slots: [1]))
            }
            let hash = CohortHash(key: (11, 22))
            var sides: [String: Int] = [:]
            for user in 0..<150 {
                let answer = try await lab.get(fields: "X-Session-Id: user \(user)\r\n")
                let side = answer["x-variant"] ?? "none"
                sides[side, default: 0] += 1
                let bucket = hash.bucket(salt: "chat-1", key: "user \(user)")
                #expect(side == (bucket < 2000 ? "candidate" : bucket >= 8000 ? "control" : "stable"))
                #expect(answer.text == side)
            }
            #expect(sides.count == 3)
        }
    }

    @Test("pins choose the side for tenants that may pin, and for nobody else; they are never compared")
    func pins() async throws {
        try await Lab.run { lab in
            _ = try await lab.pair(0) { $0.assignment = Self.policy }
            lab.gateway.setTenants([
                Tenant(name: "ops", keys: [Lab.sha256("ops-key")], mayPin: true), Tenant(name: "user", keys: [Lab.sha256("user-key")])
            ])
            let pinned = try await lab.get(fields: "X-Pin: candidate\r\nAuthorization: Bearer ops-key\r\n")
            #expect(pinned["x-variant"] == "candidate" && pinned.text == "candidate")
            #expect(try await lab.get(fields: "X-Pin: stable\r\nAuthorization: Bearer ops-key\r\n")["x-variant"] == "stable")
            let denied = try await lab.get(fields: "X-Pin: candidate\r\nAuthorization: Bearer user-key\r\n")
            #expect(denied.status == 403 || denied["x-variant"] == "stable")
            let stranger = try await lab.get(fields: "X-Pin: candidate\r\n")
            #expect(stranger.status == 403 || stranger["x-variant"] == "stable")
            let nonsense = try await lab.get(fields: "X-Pin: nonsense\r\nAuthorization: Bearer ops-key\r\n")
            #expect(nonsense.status == 400 || nonsense["x-variant"] == "stable")
            // One random request, so that there is something to wait for.
            _ = try await Self.variant(lab, 1)
            let observed = try await lab.observations(1)
            #expect(observed.allSatisfy { $0.variant == .stable })
            #expect(observed.count <= 4)
        }
    }

    @Test("match rules win over the weights, in their order, and are never compared")
    func rules() async throws {
        try await Lab.run { lab in
            _ = try await lab.pair(0) {
                $0.rules = [
                    MatchRule(key: .header("x-beta"), equals: "yes", variant: .candidate),
                    MatchRule(key: .cookie("ring"), equals: "0", variant: .candidate),
                    MatchRule(key: .tenant, equals: "inner", variant: .candidate),
                    MatchRule(key: .body("user"), equals: "tester", variant: .candidate)
                ]
                $0.wire = .openai
            }
            lab.gateway.setTenants([Tenant(name: "inner", keys: [Lab.sha256("k")])])
            for (fields, variant) in [
                ("X-Beta: yes\r\n", "candidate"), ("X-Beta: no\r\n", "stable"), ("Cookie: x=1; ring=0\r\n", "candidate"),
                ("Cookie: ring=1\r\n", "stable"),
                ("Authorization: Bearer k\r\n", "candidate"), ("", "stable")
            ] {
                #expect(try await lab.get(fields: fields)["x-variant"] == variant, "\(fields)")
            }
            #expect(try await lab.post("/v1/chat/completions", #"{"model":"chat","user":"tester"}"#)["x-variant"] == "candidate")
            #expect(try await lab.post("/v1/chat/completions", #"{"model":"chat","user":"other"}"#)["x-variant"] == "stable")
            let observed = try await lab.observations(4)
            try await Task.sleep(for: .milliseconds(50))
            #expect(observed.count + lab.gateway.takeReports().flatMap(\.observations).count == 4)
            #expect(observed.allSatisfy { $0.variant == .stable })
        }
    }
}
