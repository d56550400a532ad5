import API
import Core
import Release
import Testing

@Suite("The manifest of an endpoint")
struct EndpointManifestTests {
    /// Every key of the published sample, with digests of full length and a scorer that this server has.
    static let sample = """
        apiVersion: serving/v1
        kind: Endpoint
        metadata:
          name: chat
        spec:
          publicNames: [chat, chat-large]
          protocol: openai                  # openai | open-inference | http
          model:
            name: acme/qwen3-8b-ft
            version: "14"
            digest: sha256:\(String(repeating: "3", count: 64))
          runtime:
            command: ["llama-server", "--model", "${model.path}", "--port", "${port}"]
            digest: sha256:\(String(repeating: "a", count: 64))
            replicas: 1
            resources: {memory: 12Gi, accelerator: {count: 1, memory: 20Gi}}
            readiness: {path: /health, deadline: 10m}
            scaleToZero: {idle: 15m, minResident: 2m}
          assignment:
            key: [header:x-session-id, body:user, tenant]
            unit: session
            pin: {header: x-variant, requires: release.pin}
          limits:
            maxInFlightPerReplica: 16
            queue: {size: 256, timeout: 30s}
            streamTimeout: 30m
            quota: {perTenant: {requestsPerMinute: 600, tokensPerDay: 5000000}}
          objectives:
            - {name: errors, bad: "status >= 500 || timeout || reset", slo: 0.02, relativeLimit: 2.0}
            - {name: ttft, bad: "ttft > 1500ms", slo: 0.05, relativeLimit: 2.0, compare: equal-load}
            - {name: tpot, bad: "tpot > 60ms", slo: 0.05, relativeLimit: 2.0, compare: equal-load}
            - {name: quality, source: paired-shadow, scorer: json, margin: 0.02}
        release:
          strategy: canary                  # canary | blueGreen | shadow | recreate
          risk: {rollbackAlpha: 0.01, guardAlpha: 0.002, promoteAlpha: 0.05,
                 harmBudget: 0.03, hardLimit: 0.20}
          prepare: {warmup: 20, golden: "suites/chat-smoke@sha256:\(String(repeating: "9", count: 64))"}
          steps:
            - {shadow: 0.10, minObserved: 5m}
            - {weight: 0.05, minObserved: 2m}
            - {weight: 0.10, minObserved: 2m}
            - {weight: 0.25, minObserved: 5m, approval: {role: release-manager, quorum: 1}}
            - {weight: 0.50, minObserved: 10m}
          bake: {duration: 30m, holdback: 0.05}
          maxObserved: 3h
          onInconclusive: pause             # pause | rollback
          onNoData: hold
          whileActive: reject               # reject | queue | supersede
          notify: [{webhook: ops, events: [paused, rolled-back, succeeded]}]
        """

    @Test("says all that the sample says")
    func sample() throws {
        let read = try EndpointManifest.parse(Self.sample)
        let a64 = try Digest(parsing: String(repeating: "a", count: 64))
        let expected = EndpointManifest(
            spec: EndpointSpec(
                name: try EndpointName(parsing: "chat"), publicNames: ["chat", "chat-large"], wire: .openai,
                assignment: AssignmentPolicy(keys: [.header("x-session-id"), .body("user"), .tenant], unit: .session, pinHeader: "x-variant"),
                limits: TrafficLimits(
                    maxInFlightPerReplica: 16, queueSize: 256, queueTimeout: 30_000, streamTimeout: 1_800_000, requestsPerMinute: 600,
                    tokensPerDay: 5_000_000),
                objectives: [
                    Objective(name: "errors"),
                    Objective(name: "ttft", bad: try BadRule(parsing: "ttft > 1500ms"), slo: 0.05, compare: .equalLoad),
                    Objective(name: "tpot", bad: try BadRule(parsing: "tpot > 60ms"), slo: 0.05, compare: .equalLoad),
                    Objective(name: "quality", source: .pairedShadow, scorer: .json, margin: 0.02)
                ]),
            model: DeployModel(
                alias: "qwen3-8b-ft", repo: try RepoName(.model, parsing: "acme/qwen3-8b-ft"), asked: .version(try RefName(parsing: "14")),
                digest: try Digest(parsing: String(repeating: "3", count: 64))),
            runtime: RuntimeSpec(
                kind: .process(command: ["llama-server", "--model", "${model.path}", "--port", "${port}"]), digest: a64, memory: 12 << 30,
                readiness: RuntimeSpec.Readiness(path: "/health", deadline: 600_000),
                scaleToZero: RuntimeSpec.ScaleToZero(idle: 900_000, minResident: 120_000)),
            accelerator: EndpointManifest.Accelerator(count: 1, memory: 20 << 30),
            strategy: Strategy(
                prepare: Strategy.Prepare(warmup: 20),
                steps: [
                    Strategy.Step(weight: 0, shadow: 1000, minObserved: 300_000), Strategy.Step(weight: 500), Strategy.Step(weight: 1000),
                    Strategy.Step(weight: 2500, minObserved: 300_000, approval: Strategy.ApprovalRule(role: "release-manager", quorum: 1)),
                    Strategy.Step(weight: 5000, minObserved: 600_000)
                ],
                notify: [Strategy.Notice(webhook: "ops", events: ["paused", "rolled-back", "succeeded"])]),
            golden: try GoldenReference(parsing: "suites/chat-smoke@sha256:\(String(repeating: "9", count: 64))"), warnings: read.warnings)
        #expect(read == expected)
        #expect(read.warnings.contains { $0.contains("accelerator") })
    }

    @Test("a pin of the same file finds the same model")
    func pinned() throws {
        let model = try #require(try DeployManifest.parse(Self.sample).models.first)
        #expect("\(model.alias) \(model.repo) \(model.asked)" == "chat acme/qwen3-8b-ft version 14")
    }

    static let small = """
        apiVersion: serving/v1
        kind: Endpoint
        metadata: {name: embed}
        spec:
          model: {name: acme/whale, alias: champion}
          runtime: {urls: ["http://127.0.0.1:9000/v1"]}
        """

    @Test("what is left out has the defaults of the house")
    func defaults() throws {
        let read = try EndpointManifest.parse(Self.small)
        #expect(read.spec == EndpointSpec(name: try EndpointName(parsing: "embed")))
        #expect(read.strategy == Strategy())
        #expect(read.runtime == RuntimeSpec(kind: .external(urls: ["http://127.0.0.1:9000/v1"])))
        #expect(read.golden == nil && read.accelerator == nil)
    }

    @Test("all the other keys")
    func others() throws {
        let read = try EndpointManifest.parse(
            """
            apiVersion: serving/v1
            kind: Endpoint
            metadata: {name: embed}
            spec:
              model: {name: acme/whale, revision: \(String(repeating: "b", count: 40))}
              runtime:
                command: [python3, server.py, --port, "${port}", --slot, "${slot}"]
                env: {OMP_NUM_THREADS: 2}
                replicas: 2
                resources: {memory: 500M}
                readiness: {grace: 5s}
                drainDeadline: 45s
                restart: {attempts: 5, firstDelay: 250ms, longestDelay: 10s}
              rules: [{key: "header:x-team", equals: blue, variant: candidate}]
              limits: {firstByteTimeout: 10s, idleTimeout: 1m}
              objectives: [{name: errors, bad: "status >= 500", mode: relative}, {name: slow, bad: "duration > 2s", report: true}]
              access: tenants
              emergency: {serveAnyReady: true, retryOnStable: true}
              keepReleases: 5
            release:
              prepare:
                warmup: 3
                checks:
                  - path: /embed
                    body: {input: [hello, 1, true, null], note: "1"}
                    expectJSON: {/model: whale, /n: 3}
                    expectLength: {/data/0/embedding: 384}
                    expectContains: [embedding]
                  - {path: /health}
              steps: [{weight: 0.0001, minObserved: 0s, hooks: ["https://ci/check"]}, {weight: .5}]
              control: true
              staleAfter: 2m
              clearFor: 5s
              pendingDeadline: 1h
              windows: [{days: [mon, fri], from: "08:30", until: "24:00"}]
              approval: {othersOnly: true}
              alias: champion
            """)
        #expect(read.runtime.environment == ["OMP_NUM_THREADS": "2"] && read.runtime.replicas == 2 && read.runtime.memory == 500_000_000)
        #expect(read.runtime.readiness.grace == 5000 && read.runtime.drainDeadline == 45_000)
        #expect(read.runtime.restart == RuntimeSpec.Restart(attempts: 5, firstDelay: 250, longestDelay: 10_000))
        #expect(read.spec.rules == [MatchRule(key: .header("x-team"), equals: "blue", variant: .candidate)])
        #expect(read.spec.limits == TrafficLimits(firstByteTimeout: 10_000, idleTimeout: 60_000))
        #expect(read.spec.objectives.map(\.isReportOnly) == [false, true] && read.spec.objectives[0].mode == .relative)
        #expect(read.spec.access == .tenants && read.spec.servesAnyReady && read.spec.retriesOnStable && read.spec.keepReleases == 5)
        #expect(
            read.strategy.prepare.checks == [
                GoldenCheck(
                    path: "/embed", body: #"{"input":["hello",1,true,null],"note":"1"}"#, expectContains: ["embedding"],
                    expectJSON: ["/model": "\"whale\"", "/n": "3"], expectLength: ["/data/0/embedding": 384]),
                GoldenCheck(method: "GET", path: "/health")
            ])
        #expect(read.strategy.steps.map(\.weight) == [1, 5000] && read.strategy.steps[0].hooks == ["https://ci/check"])
        #expect(read.strategy.hasControl && read.strategy.approvesOthersOnly && read.strategy.alias == "champion")
        #expect(read.strategy.windows == [Strategy.Window(days: [1, 5], from: 510, until: 1440)])
        #expect(read.strategy.staleAfter == 120_000 && read.strategy.clearFor == 5000 && read.strategy.pendingDeadline == 3_600_000)
    }

    @Test(
        "golden checks are named by revision and path, or by digest",
        arguments: [
            "acme/whale@1.0:checks/smoke.jsonl", "datasets/acme/checks@main:smoke.jsonl", "acme/whale@sha256:\(String(repeating: "0", count: 64))"
        ])
    func golden(_ text: String) throws { #expect(try GoldenReference(parsing: text).description == text) }

    @Test("one endpoint of a file of several is asked for by name")
    func several() throws {
        let file = Self.sample + "\n---\n" + Self.small
        #expect(try EndpointManifest.parseAll(file).map(\.spec.name.text) == ["chat", "embed"])
        #expect(try EndpointManifest.parse(file, endpoint: EndpointName(parsing: "embed")).spec.name.text == "embed")
        let error = #expect(throws: HubError.self) { try EndpointManifest.parse(file) }
        #expect(error?.message.contains("chat, embed") == true)
    }
}

@Suite("Units of a manifest")
struct UnitsTests {
    @Test(
        "shares are exact basis points",
        arguments: [
            ("0", 0), ("1", 10_000), ("0.05", 500), (".25", 2500), ("0.0001", 1), ("1.0000", 10_000), ("0.50", 5000)
        ])
    func shares(_ text: String, _ value: Int) { #expect(Units.basisPoints(text) == value) }

    @Test("nothing else is a share", arguments: ["", ".", "0.", "0.00001", "1.0001", "2", "-0.1", "5%", "1e-2", "0x1", "00.5", "0,5", " 0.5"])
    func noShares(_ text: String) { #expect(Units.basisPoints(text) == nil) }

    @Test("times", arguments: [("250ms", 250), ("30s", 30_000), ("10m", 600_000), ("3h", 10_800_000), ("0s", 0)] as [(String, Int64)])
    func times(_ text: String, _ value: Int64) {
        #expect(Units.milliseconds(text) == value)
        #expect(Units.milliseconds(Units.duration(value)) == value)
    }

    @Test("nothing else is a time", arguments: ["", "s", "10", "1.5h", "-1s", "1 s", "1d", "9999999999999999999h", "9223372036854775807h"])
    func noTimes(_ text: String) { #expect(Units.milliseconds(text) == nil) }

    @Test("sizes", arguments: [("12Gi", 12 << 30), ("500M", 500_000_000), ("7", 7), ("1Ki", 1024), ("2T", 2_000_000_000_000)] as [(String, Int64)])
    func sizes(_ text: String, _ value: Int64) { #expect(Units.bytes(text) == value) }

    @Test(
        "moments",
        arguments: [
            ("2026-05-03T09:30:00Z", "2026-05-03T09:30:00.000Z"), ("2026-05-03", "2026-05-03T00:00:00.000Z"),
            ("2026-05-03T09:30:00.25+02:00", "2026-05-03T07:30:00.250Z"), ("2024-02-29t23:59:59z", "2024-02-29T23:59:59.000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"), ("2100-03-01", "2100-03-01T00:00:00.000Z")
        ])
    func moments(_ text: String, _ expected: String) throws { #expect(try Moment.parse(text).description == expected) }

    @Test(
        "no moments",
        arguments: ["", "2026", "2026-13-01", "2025-02-29", "2026-05-03T09:30", "2026-05-03T09:30:00", "2026-05-03T24:00:00Z", "yesterday"])
    func noMoments(_ text: String) { #expect(throws: HubError.self) { try Moment.parse(text) } }
}
