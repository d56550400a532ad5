import API
import Core
import Testing

/// A mistake is refused before anything is looked up, with its line and the way out.
@Suite("The manifest of an endpoint refuses")
struct EndpointManifestRefusalTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        /// What replaces the line of the good manifest that begins with this key, at its indentation.
        let key: String
        let line: String
        let says: String
        var testDescription: String { line.isEmpty ? "no \(key)" : line }
    }

    static let good = """
        apiVersion: serving/v1
        kind: Endpoint
        metadata: {name: chat}
        spec:
          publicNames: [chat]
          protocol: http
          model: {name: acme/whale, version: "1"}
          runtime: {command: [serve, --port, "${port}"], replicas: 1}
          assignment: {key: [tenant], unit: request}
          rules: []
          limits: {maxInFlightPerReplica: 4}
          objectives: [{name: errors, bad: "status >= 500"}]
          access: anyone
          keepReleases: 3
        release:
          strategy: canary
          risk: {hardLimit: 0.2}
          prepare: {warmup: 0}
          steps: [{weight: 0.1, minObserved: 1m}, {weight: 0.5, minObserved: 1m}]
          bake: {duration: 1m, holdback: 0.05}
          maxObserved: 1h
          onInconclusive: pause
          onNoData: hold
          whileActive: reject
          windows: []
          control: false
          notify: []
        """

    static let mistakes: [Mistake] = [
        .init(key: "metadata", line: "metadata: {name: Chat}", says: "line 3 of the deploy manifest: 'Chat' is not a valid endpoint name"),
        .init(key: "metadata", line: "metadata: {name: chat, labels: x}", says: "line 3 of the deploy manifest: 'labels' is not a key of 'metadata'"),
        .init(key: "kind", line: "kind: Service", says: "expected grayling/v1 Deployment or serving/v1 Endpoint"),
        .init(key: "publicNames", line: "publicNames: chat", says: "line 5 of the deploy manifest: 'publicNames' must be a list"),
        .init(key: "publicNames", line: "publicNames: [a, a]", says: "the public name 'a' is written twice"),
        .init(key: "publicNames", line: "publicNames: ['a b']", says: "visible ASCII characters"),
        .init(
            key: "protocol", line: "protocol: grpc",
            says: "line 6 of the deploy manifest: 'protocol' is 'grpc': expected openai, open-inference or http"),
        .init(key: "protocol", line: "protokol: http", says: "line 6 of the deploy manifest: 'protokol' is not a key of 'spec'"),
        .init(key: "model", line: "model: {name: acme/whale}", says: "is not pinned to anything"),
        .init(key: "model", line: "", says: "'spec' has no 'model'; it is required"),
        .init(key: "runtime", line: "", says: "'spec' has no 'runtime'; it is required"),
        .init(key: "runtime", line: "runtime: {replicas: 1}", says: "either 'command'"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], urls: ['http://a:1']}", says: "write one of them"),
        .init(key: "runtime", line: "runtime: {command: []}", says: "'command' is empty"),
        .init(key: "runtime", line: "runtime: {command: [serve]}", says: "never mentions ${port}"),
        .init(
            key: "runtime", line: "runtime: {command: [serve, '${port}', '${gpu}']}",
            says: "${gpu} is not known: expected ${model.path}, ${port} or ${slot}"),
        .init(key: "runtime", line: "runtime: {urls: ['https://a:1']}", says: "without TLS"),
        .init(key: "runtime", line: "runtime: {urls: ['http://a']}", says: "expected http://HOST:PORT"),
        .init(key: "runtime", line: "runtime: {urls: ['http://a:1'], scaleToZero: {idle: 1m}}", says: "'scaleToZero' cannot be honoured for 'urls'"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], replicas: 0}", says: "whole number from 1 to 64"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], resources: {memory: 12GiB}}", says: "expected a size such as 12Gi"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], resources: {cpu: 2}}", says: "'cpu' is not a key of 'resources'"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], readiness: {path: health}}", says: "expected a path that begins with '/'"),
        .init(
            key: "runtime", line: "runtime: {command: [a, '${port}'], readiness: {deadline: 1.5m}}",
            says: "expected a length of time such as 250ms, 30s, 10m or 3h"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], scaleToZero: {minResident: 1m}}", says: "'scaleToZero' has no 'idle'"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], env: {1X: y}}", says: "not the name of an environment variable"),
        .init(key: "runtime", line: "runtime: {command: [a, '${port}'], digest: abc}", says: "SHA-256"),
        .init(
            key: "runtime", line: "runtime: {command: [a, '${port}'], restart: {firstDelay: 1m, longestDelay: 1s}}", says: "expected from 1m to 1h"),
        .init(key: "assignment", line: "assignment: {unit: session}", says: "unit: session needs a key"),
        .init(key: "assignment", line: "assignment: {key: [ip]}", says: "expected header:NAME, cookie:NAME, body:FIELD or tenant"),
        .init(key: "assignment", line: "assignment: {key: [tenant, tenant]}", says: "written twice"),
        .init(key: "assignment", line: "assignment: {pin: {header: x, requires: root}}", says: "expected release.pin"),
        .init(key: "assignment", line: "assignment: {key: ['header:x'], pin: {header: x}}", says: "cannot both pin a request and say whose it is"),
        .init(key: "rules", line: "rules: [{key: tenant, equals: a}]", says: "a rule has no 'variant'"),
        .init(key: "rules", line: "rules: [{key: tenant, equals: a, variant: new}]", says: "expected stable, candidate or control"),
        .init(key: "limits", line: "limits: {queue: {size: -1}}", says: "whole number from 0 to"),
        .init(key: "limits", line: "limits: {quota: {perUser: {}}}", says: "'perUser' is not a key of 'quota'"),
        .init(key: "objectives", line: "objectives: []", says: "no objective decides"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: 'status >= 500', report: true}]", says: "no objective decides"),
        .init(key: "objectives", line: "objectives: [{name: e}]", says: "an objective has no 'bad'"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: 'status > many'}]", says: "is not a number"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: 'latency > 1s'}]", says: "'latency' is not one of"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: timeout}, {name: e, bad: reset}]", says: "two objectives are called 'e'"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: timeout, slo: 0}]", says: "expected a number above 0 and at most 0.5"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: timeout, relativeLimit: 1}]", says: "expected a number above 1"),
        .init(key: "objectives", line: "objectives: [{name: e, bad: timeout, scorer: json}]", says: "'scorer' is for source: paired-shadow"),
        .init(
            key: "objectives", line: "objectives: [{name: q, source: paired-shadow, scorer: json-schema}]",
            says: "expected status, json, exact, length-ratio or cosine"),
        .init(key: "objectives", line: "objectives: [{name: q, source: paired-shadow, scorer: json}]", says: "no step has 'shadow'"),
        .init(
            key: "objectives", line: "objectives: [{name: q, source: paired-shadow, scorer: json, slo: 0.1}]",
            says: "'slo' is for objectives of requests"),
        .init(key: "keepReleases", line: "keepReleases: 0", says: "from 1 to 100"),
        .init(key: "access", line: "access: nobody", says: "expected anyone or tenants"),
        .init(key: "strategy", line: "strategy: rolling", says: "expected canary, blueGreen, shadow or recreate"),
        .init(key: "strategy", line: "strategy: blueGreen", says: "goes from nothing to everything"),
        .init(key: "strategy", line: "strategy: shadow", says: "never gives the candidate live traffic"),
        .init(key: "strategy", line: "strategy: recreate", says: "so it has no steps"),
        .init(
            key: "risk", line: "risk: {hardLimit: 0.5}",
            says: "line 17 of the deploy manifest: 'hardLimit' is '0.5': expected a number above 0 and at most 0.35"),
        .init(key: "risk", line: "risk: {alpha: 0.1}", says: "'alpha' is not a key of 'risk'"),
        .init(key: "prepare", line: "prepare: {warmup: 5}", says: "'warmup' needs requests to send"),
        .init(key: "prepare", line: "prepare: {golden: suites/smoke}", says: "does not name golden checks"),
        .init(key: "prepare", line: "prepare: {golden: suites/smoke@main}", says: "does not name golden checks"),
        .init(key: "prepare", line: "prepare: {checks: [{path: embed}]}", says: "begins with '/'"),
        .init(key: "prepare", line: "prepare: {checks: [{path: /x, body: '{'}]}", says: "'body' is not JSON"),
        .init(key: "prepare", line: "prepare: {checks: [{path: /x, expectLength: {data: 3}}]}", says: "JSON pointer"),
        .init(key: "steps", line: "steps: []", says: "at least one step with a weight"),
        .init(key: "steps", line: "steps: [{weight: 0.5}, {weight: 0.1}]", says: "weights must rise from step to step: 0.1 comes after 0.5"),
        .init(key: "steps", line: "steps: [{weight: 0.5}, {weight: 0.5}]", says: "weights must rise"),
        .init(key: "steps", line: "steps: [{weight: 0.5}, {shadow: 0.1}]", says: "weights must rise"),
        .init(key: "steps", line: "steps: [{weight: 1}]", says: "leaves nothing to compare with"),
        .init(key: "steps", line: "steps: [{weight: 0.00001}]", says: "at most four decimals"),
        .init(key: "steps", line: "steps: [{minObserved: 1m}]", says: "a step has a 'weight' or a 'shadow' above 0"),
        .init(key: "steps", line: "steps: [{weight: 0.1, approval: {quorum: 0}}]", says: "from 1 to 16"),
        .init(key: "steps", line: "steps: [{weight: 0.1, hooks: [ftp://x]}]", says: "expected http:// or https://"),
        .init(key: "steps", line: "steps: [{weight: 0.1, minObserved: 2h}]", says: "raise maxObserved"),
        .init(key: "bake", line: "bake: {holdback: 0.6}", says: "expected at most 0.5"),
        .init(key: "onInconclusive", line: "onInconclusive: promote", says: "expected pause or rollback"),
        .init(key: "onNoData", line: "onNoData: promote", says: "no data is never taken for success"),
        .init(key: "whileActive", line: "whileActive: merge", says: "expected reject, queue or supersede"),
        .init(key: "windows", line: "windows: [{days: [monday], from: '08:00', until: '09:00'}]", says: "'monday' is not a day"),
        .init(key: "windows", line: "windows: [{from: '22:00', until: '06:00'}]", says: "write two for a night"),
        .init(key: "windows", line: "windows: [{from: '8', until: '09:00'}]", says: "expected a time of day in UTC"),
        .init(key: "control", line: "control: true", says: "needs at least 2 replicas"),
        .init(key: "control", line: "control: 'yes'", says: "expected true or false"),
        .init(key: "notify", line: "notify: [{webhook: ops, events: [exploded]}]", says: "'exploded' is not an event of a release"),
        .init(key: "notify", line: "notify: [{events: [paused]}]", says: "a notice has no 'webhook'")
    ]

    @Test("the manifest that the mistakes are made in is a good one")
    func good() throws { _ = try EndpointManifest.parse(Self.good) }

    @Test("a mistake, with what was expected", arguments: mistakes)
    func refuses(_ mistake: Mistake) throws {
        var lines = Self.good.split(separator: "\n").map(String.init)
        let place = try #require(lines.firstIndex { $0.drop { $0 == " " }.hasPrefix(mistake.key + ":") })
        let indentation = lines[place].prefix { $0 == " " }
        if mistake.line.isEmpty { lines.remove(at: place) } else { lines[place] = indentation + mistake.line }
        let error = #expect(throws: HubError.self) { try EndpointManifest.parse(lines.joined(separator: "\n")) }
        #expect(error?.message.contains(mistake.says) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("line ") == true, "\(error?.message ?? "")")
    }

    @Test("paired-shadow, equal load, recreate: what only shows together")
    func together() {
        func message(_ change: (String) -> String) -> String {
            do {
                _ = try EndpointManifest.parse(change(Self.good))
                return "accepted"
            } catch {
                return error.message
            }
        }
        #expect(
            message {
                $0.replacing("weight: 0.5,", with: "weight: 0.4,").replacing(
                    "bad: \"status >= 500\"", with: "bad: \"ttft > 1s\", compare: equal-load")
            }
            .contains("compare: equal-load counts only"))
        #expect(
            message {
                $0.replacing("strategy: canary", with: "strategy: recreate").replacing(
                    "steps: [{weight: 0.1, minObserved: 1m}, {weight: 0.5, minObserved: 1m}]", with: "clearFor: 1s")
            }.contains("cannot hold a share back"))
        #expect(
            message {
                $0.replacing("control: false", with: "control: true").replacing("replicas: 1", with: "replicas: 2").replacing("0.5,", with: "0.6,")
            }
            .contains("no step may exceed 0.5"))
    }

    @Test("no bytes crash it")
    func hostile() {
        var state: UInt64 = 7
        let alphabet = Array(Self.good.utf8) + [0, 0x7F, 0xC3, 0xA9, 0x26, 0x2A, 0x3C]
        for _ in 0..<400 {
            var bytes = Array(Self.good.utf8)
            for _ in 0..<6 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = alphabet[Int(state >> 17 & 0xFFFF) % alphabet.count]
            }
            // Either a manifest or a sentence; anything else ends the process.
            do { _ = try EndpointManifest.parse(String(decoding: bytes, as: UTF8.self)) } catch { #expect(!error.message.isEmpty) }
        }
    }
}
