import Core
import Foundation
import Hub
import Release
import Rollout
import TestKit
import Testing

@Suite("webhooks")
struct WebhookTests {
    static let secret = "a secret of at least sixteen"

    static func strategy(_ hooks: String...) -> Strategy {
        var strategy = Strategy.brisk
        strategy.notify = hooks.map { Strategy.Notice(webhook: $0) }
        return strategy
    }

    static func stage(_ hooks: String...) async throws -> Stage {
        let stage = try await Stage.serving()
        for hook in hooks { _ = try await stage.hub.createWebhook(hook, url: "http://\(hook).test/", secret: secret, by: stage.admin) }
        return stage
    }

    /// Rounds of the postman until nothing is under way, a second between them.
    static func post(_ stage: Stage, rounds: Int = 60) async throws {
        for _ in 0..<rounds {
            await stage.postman.round()
            while await !stage.postman.isIdle { try await Task.sleep(for: .milliseconds(1)) }
            stage.steady.turn(1_000)
            stage.test.clock.turn(seconds: 1)
        }
    }

    struct Received: Decodable, Equatable {
        struct Content: Decodable, Equatable {
            var release: String
            var phase: String
        }
        var specversion: String
        var id: String
        var source: String
        var type: String
        var subject: String
        var time: String
        var datacontenttype: String
        var data: Content
    }

    static func received(_ stage: Stage, _ hook: String) throws -> [Received] {
        try stage.courier.errands.filter { $0.url == "http://\(hook).test/" }.map { try JSONDecoder().decode(Received.self, from: Data($0.body)) }
    }

    @Test("every notice of a release arrives once, in order, as a CloudEvents event that its secret proves")
    func arrives() async throws {
        let stage = try await Self.stage("ops")
        let id = try await stage.apply("1.1", strategy: Self.strategy("ops"))
        try await stage.run { try $0.phase(id).isTerminal }
        try await Self.post(stage)
        let all = try Self.received(stage, "ops")
        #expect(all.map(\.type).first == "grayling.release.started" && all.map(\.type).last == "grayling.release.succeeded")
        #expect(Set(all.map(\.id)).count == all.count)
        let order = all.compactMap { $0.id.split(separator: "/").dropFirst().first.flatMap { Int($0) } }
        #expect(order.count == all.count && order == order.sorted())
        #expect(all.allSatisfy { $0.specversion == "1.0" && $0.subject == id.description && $0.data.release == id.description })
        for errand in stage.courier.errands {
            #expect(errand.method == "POST" && errand.headers["Content-Type"]?.hasPrefix("application/cloudevents+json") == true)
            let time = try #require(errand.headers["X-Grayling-Timestamp"])
            let code = SignatureTests.byDefinition(Array("\(time).".utf8) + errand.body, key: Array(Self.secret.utf8))
            #expect(errand.headers["X-Grayling-Signature"] == "sha256=\(code)")
        }
        #expect(try stage.hub.dueDeliveries(limit: 10).isEmpty)
    }

    @Test("a target that is down holds back its own line alone, slows no release, and gets everything in order later")
    func down() async throws {
        let stage = try await Self.stage("ops", "audit")
        stage.courier.answer("http://ops.test/", .failed("connection refused"))
        let id = try await stage.apply("1.1", strategy: Self.strategy("ops", "audit"))
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .succeeded)
        try await Self.post(stage)
        let first = try Self.received(stage, "ops")
        // Only the first event, again and again, ever more seldom.
        #expect(Set(first.map(\.id)).count == 1 && (5...12).contains(first.count))
        let audit = try Self.received(stage, "audit")
        #expect(audit.last?.type == "grayling.release.succeeded")
        stage.courier.answer("http://ops.test/", .answered(202))
        stage.test.clock.turn(seconds: 600)
        try await Self.post(stage)
        let after = try Self.received(stage, "ops").dropFirst(first.count)
        #expect(after.map(\.id) == audit.map(\.id))
    }

    @Test("a failing line of one release does not hold back another release of the same webhook")
    func lanes() async throws {
        let stage = try await Self.stage("ops")
        let one = try await stage.apply("1.1", strategy: Self.strategy("ops"))
        try await stage.run { try $0.phase(one).isTerminal }
        stage.courier.answer("http://ops.test/", .answered(500))
        try await Self.post(stage, rounds: 1)
        stage.courier.answer("http://ops.test/", .answered(200))
        let two = try await stage.apply("1.2", strategy: Self.strategy("ops"))
        await stage.tick()
        let sent = stage.courier.errands.count
        // The first release's line rests after its failure; the second's is free.
        await stage.postman.round()
        while await !stage.postman.isIdle { try await Task.sleep(for: .milliseconds(1)) }
        let next = try Self.received(stage, "ops").dropFirst(sent)
        #expect(next.contains { $0.subject == two.description })
    }

    @Test("a redirect is no success and is not followed; the real courier says what it met")
    func courier() async throws {
        let outcome = await CurlCourier().run(Errand(method: "POST", url: "http://127.0.0.1:1/", body: Array("{}".utf8), timeout: 2_000))
        guard case .failed = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(!ErrandOutcome.answered(302).isSuccess && ErrandOutcome.answered(204).isSuccess && !ErrandOutcome.answered(199).isSuccess)
        guard case .failed = await CurlCourier().run(Errand(url: "file:///etc/passwd")) else {
            Issue.record("a file was read")
            return
        }
    }
}
