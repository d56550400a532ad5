import Blobs
import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("webhooks, tenants, the ledger, and why")
struct ServingLedgerTests {
    @Test("a webhook is told in order, the same bytes at every attempt, one release not waiting for another")
    func webhooks() async throws {
        let serving = try await Serving()
        let (hook, secret) = try await serving.hub.createWebhook("ops", url: "https://ops.example/hook", secret: nil, by: serving.test.admin)
        #expect(hook.waiting == 0 && secret.count == 64)
        #expect(
            try await code { try await serving.hub.createWebhook("ops", url: "https://x", secret: nil, by: serving.test.admin) } == .webhookExists)
        let strategy = Serving.strategy { $0.notify = [.init(webhook: "ops", events: ["started", "succeeded"])] }
        try await serving.serve("1.0", strategy: strategy)
        try await serving.serve("2.0", strategy: strategy)
        func due() throws -> [Delivery] { try serving.hub.dueDeliveries(limit: 10) }
        #expect(try due().map(\.release.number) == [1, 2] && due().allSatisfy { $0.body.contains("\"type\":\"grayling.release.started\"") })
        #expect(try due().allSatisfy { $0.secret == secret && $0.url == "https://ops.example/hook" })
        let first = try due()[0]
        try await serving.hub.postponeDelivery(first.id, error: "503", until: serving.test.clock.now.adding(seconds: 10))
        #expect(try due().map(\.release.number) == [2], "what comes behind it waits too")
        #expect(try serving.hub.webhooks(for: serving.test.admin).map(\.lastError) == ["503"])
        serving.test.clock.turn(seconds: 10)
        let again = try #require(try due().first { $0.release.number == 1 })
        #expect(again.body == first.body && again.attempts == 1)
        try await serving.hub.settleDelivery(again.id)
        #expect(try due().first { $0.release.number == 1 }?.body.contains("grayling.release.succeeded") == true)
        for delivery in try due() { try await serving.hub.giveUpDelivery(delivery.id, error: "gone") }
        for delivery in try due() { try await serving.hub.settleDelivery(delivery.id) }
        #expect(try due().isEmpty)
        try await serving.hub.deleteWebhook("ops", by: serving.test.admin)
        #expect(try await code { try await serving.hub.deleteWebhook("ops", by: serving.test.admin) } == .unknownWebhook)
        await serving.test.close()
    }

    @Test("an API key is shown once and kept as its hash; the ledger counts a batch once")
    func tenants() async throws {
        let serving = try await Serving()
        let hub = serving.hub
        let (made, key) = try await hub.createTenant("acme", mayPin: true, requestsPerMinute: 60, tokensPerDay: 1000, by: serving.test.admin)
        #expect(key.hasPrefix("gk_") && key.utf8.count == 43 && made.tenant.keys == [TestHub.digest(key)])
        let second = try await hub.addTenantKey("acme", keyName: "next", by: serving.test.admin)
        #expect(second != key)
        try await hub.removeTenantKey("acme", keyName: "first", by: serving.test.admin)
        #expect(try hub.tenants().map(\.keys) == [[TestHub.digest(second)]])
        let ada = try await serving.test.user("ada")
        #expect(try await code { try hub.listTenants(after: "", limit: 9, for: ada) } == .notPermitted)

        let used = Usage(
            tenant: "acme", endpoint: Serving.name, version: "1.0", requests: 3, failed: 1, inputTokens: 30, outputTokens: 12, milliseconds: 9,
            bytesOut: 100)
        try await hub.addUsage([used], batch: 1)
        try await hub.addUsage([used], batch: 1)
        try await hub.addUsage([used], batch: 2)
        func rows() throws -> [UsageRow] {
            try hub.usage(
                tenant: "acme", endpoint: nil, from: Instant(milliseconds: 0), until: Instant(milliseconds: .max), limit: 10, for: serving.test.admin)
        }
        #expect(try rows().map(\.usage.requests) == [6] && rows()[0].usage.inputTokens == 60)
        #expect(try rows()[0].hour.milliseconds % 3_600_000 == 0)
        #expect(try hub.tenants()[0].tokensToday == 84)
        // A new epoch counts its batches anew.
        _ = try await hub.takeControl(owner: "test")
        serving.test.clock.turn(days: 1)
        try await hub.addUsage([used], batch: 1)
        #expect(try rows().map(\.usage.requests) == [6, 3])
        #expect(try hub.tenants()[0].tokensToday == 42, "yesterday's do not count")
        try await hub.removeTenant("acme", by: serving.test.admin)
        #expect(try hub.tenants().isEmpty && rows().count == 2, "the ledger stays")
        await serving.test.close()
    }

    @Test("why: which version, since which release, decided by what, approved by whom, made from what")
    func why() async throws {
        let serving = try await Serving()
        let start = serving.test.clock.now
        serving.test.clock.turn(seconds: 60)
        try await serving.serve("1.0")
        serving.test.clock.turn(seconds: 60)
        let whileFirst = serving.test.clock.now
        serving.test.clock.turn(seconds: 60)
        let strategy = Serving.strategy { $0.steps[0].approval = .init(role: "admin", quorum: 1) }
        let release = try #require(try await serving.apply("2.0", strategy: strategy).release)
        try await serving.drive(release.id, to: .paused)
        let whileMixed = serving.test.clock.now
        serving.test.clock.turn(seconds: 60)
        _ = try await serving.hub.order(release.id, .approve(generation: nil, lock: nil, comment: "fine"), expected: .none, by: serving.test.admin)
        try await serving.drive(release.id)
        serving.test.clock.turn(seconds: 60)

        func why(_ at: Instant?) throws -> WhyFacts { try serving.hub.why(Serving.name, at: at, for: serving.test.admin) }
        #expect(try why(start).served.isEmpty && why(start).route == nil)
        let first = try why(whileFirst)
        #expect(first.served.map(\.backend.model.version) == ["1.0"] && first.served[0].since?.id.number == 1 && first.underWay == nil)
        let mixed = try why(whileMixed)
        #expect(mixed.served.map(\.backend.model.version) == ["1.0", "2.0"] && mixed.served.map(\.weight) == [9000, 1000])
        #expect(mixed.underWay?.id == release.id && mixed.served[1].approvals.isEmpty)
        let now = try why(nil)
        #expect(now.served.map(\.backend.model.version) == ["2.0"] && now.served[0].since?.id == release.id)
        #expect(now.served[0].approvals.map(\.comment) == ["fine"] && !now.served[0].decisions.isEmpty)
        #expect(now.served[0].published?.author == "admin" && now.served[0].since?.release.spec.submittedBy == "admin")
        await serving.test.close()
    }

    @Test("the cohort key is made once; backup and restore bring endpoints along")
    func backup() async throws {
        let serving = try await Serving()
        let key = try await serving.hub.servingHashKey()
        let other = try await serving.hub.servingHashKey()
        #expect(key == other)
        try await serving.serve("1.0")
        let folder = serving.test.folder.file("backup")
        _ = try await serving.hub.backup(to: folder, by: serving.test.admin) { _, _ in }
        let target = try TestFolder()
        try FileManager.default.moveItem(atPath: folder, toPath: target.file("data"))
        let restored = try await Serving(TestHub(in: target, clock: serving.test.clock))
        #expect(try restored.endpoint().stable?.model.version == "1.0")
        let again = try await restored.hub.servingHashKey()
        #expect(again == key)
        #expect(try await restored.test.verify().isWhole)
        await restored.test.close()
        await serving.test.close()
    }

    @Test("an altered event, and a state that does not follow from its events, are found")
    func tampered() async throws {
        let serving = try await Serving()
        let release = try await serving.serve("1.0")
        #expect(try await serving.test.verify().isWhole)
        let catalog = serving.test.root.layout.catalog
        try tamper(catalog, "UPDATE release SET state = replace(state, '\"isRouteApplied\":true', '\"isRouteApplied\":false')")
        #expect(try await serving.test.verify().problems.contains { $0.contains("\(release.id) do not lead") })
        try tamper(catalog, "DROP TRIGGER release_event_is_fixed; UPDATE release_event SET actor = 'nobody' WHERE sequence = 2")
        #expect(try await serving.test.verify().problems.contains { $0.contains("\(release.id) are broken at event 2") })
        try tamper(catalog, "DELETE FROM lock_hold")
        #expect(try await serving.test.verify().problems.contains { $0.contains("is not protected") })
        await serving.test.close()
    }
}
