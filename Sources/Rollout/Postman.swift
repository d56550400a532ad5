import Core
package import Hub
package import Logging
import Release

/// Takes notifications to the webhooks.
/// - at least once, in the order of a release's events, signed;
/// - one that fails holds back later ones of its release to its webhook, and nothing else;
/// - nobody waits for it.
package actor Postman {
    private struct Lane: Hashable {
        var webhook: String
        var release: ReleaseID
    }

    private let hub: Hub
    private let courier: any Courier
    private let clocks: Clocks
    private let logger: Logger
    package nonisolated let bell = Bell()
    private var underWay: Set<Lane> = []
    private var restsUntil: Milliseconds = 0
    private var isOver = false

    /// Under way at one time, to all webhooks and to one.
    private static let limit = 16
    private static let limitOfOne = 4
    private static let page = 256
    private static let timeout: Milliseconds = 10_000
    /// With the pauses of `Backoff` this is about a day.
    private static let attempts = 300

    package init(hub: Hub, courier: any Courier, clocks: Clocks, logger: Logger) {
        self.hub = hub
        self.courier = courier
        self.clocks = clocks
        self.logger = logger
    }

    /// Sends what is due and not under way; returns at once.
    package func round() {
        guard !isOver, clocks.steady() >= restsUntil, underWay.count < Self.limit else { return }
        do {
            for delivery in try hub.dueDeliveries(limit: Self.page) {
                let lane = Lane(webhook: delivery.webhook, release: delivery.release)
                guard underWay.count < Self.limit else { return }
                guard !underWay.contains(lane), underWay.count(where: { $0.webhook == lane.webhook }) < Self.limitOfOne else { continue }
                underWay.insert(lane)
                Task {
                    await deliver(delivery)
                    underWay.remove(lane)
                    bell.ring()
                }
            }
        } catch {
            rest("deliveries could not be read", error)
        }
    }

    /// Nothing is under way: for whoever waits for the end of what `round` began.
    package var isIdle: Bool { underWay.isEmpty }

    private func deliver(_ delivery: Delivery) async {
        let body = Array(delivery.body.utf8)
        var headers = Signature.headers(of: body, secret: delivery.secret, at: clocks.wall())
        headers["Content-Type"] = "application/cloudevents+json; charset=utf-8"
        let outcome = await courier.run(Errand(method: "POST", url: delivery.url, headers: headers, body: body, timeout: Self.timeout))
        do {
            if outcome.isSuccess {
                try await hub.settleDelivery(delivery.id)
            } else if delivery.attempts + 1 >= Self.attempts {
                logger.warning(
                    "a notification is given up",
                    metadata: ["webhook": "\(delivery.webhook)", "release": "\(delivery.release)", "reason": "\(outcome.text)"])
                try await hub.giveUpDelivery(delivery.id, error: outcome.text)
            } else {
                let until = clocks.wall().milliseconds + Backoff.delay(delivery.attempts)
                try await hub.postponeDelivery(delivery.id, error: outcome.text, until: Instant(milliseconds: until))
            }
        } catch {
            rest("what became of a notification could not be stored; it may be sent again", error)
        }
    }

    private func rest(_ what: Logger.Message, _ error: any Error) {
        if (error as? HubError)?.code == .notInControl { isOver = true }
        restsUntil = clocks.steady() + 1_000
        logger.warning(what, metadata: ["error": "\(error)"])
    }
}
