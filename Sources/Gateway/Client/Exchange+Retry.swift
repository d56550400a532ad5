import Core
import Logging
import NIOCore
import Synchronization

extension Exchange {
    static let maxRetries = 2

    func upstreamRefused(_ upstream: Upstream) {
        lane.tick()
        self.upstream = nil
        attemptFailed(.connect, RequestOutcome(status: 502, wasReset: true))
    }

    func upstreamBroke(_ upstream: Upstream, _ cause: Upstream.Cause) {
        lane.tick()
        self.upstream = nil
        if phase == .answering { return breakOff(RequestOutcome(status: status, wasReset: true), upstream) }
        if case .closed = cause, upstream.isUsed, !upstream.hasBegun, hasReplay, !hasTriedFresh, let replica {
            // A kept connection may have been closed just when it was taken: nobody's failure.
            hasTriedFresh = true
            return connect(replica)
        }
        attemptFailed(.reset, RequestOutcome(status: 502, wasReset: true))
    }

    private func attemptFailed(_ reason: RetryReason, _ outcome: RequestOutcome) {
        guard let replica, let serving else { return }
        chargeFailure(outcome, replica, serving)
        if retry(because: reason) { return }
        refuse(
            .badGateway, reason == .connect ? "replica-unreachable" : "replica-broke-off",
            reason == .connect ? "The model server could not be reached." : "The model server ended the connection without a valid answer.")
    }

    /// The assigned variant is charged with the first failure, whatever becomes of the request.
    func chargeFailure(_ outcome: RequestOutcome, _ replica: Replica, _ side: EndpointRoute.Side) {
        if firstFailure == nil {
            var outcome = outcome
            outcome.duration = Double(lane.now - startedAt) / 1e6
            firstFailure = outcome
        }
        if side.backend.failed(replica, at: lane.now) {
            lane.settings.logger.warning(
                "a replica is left out for a while: too many failures in a row",
                metadata: ["backend": "\(side.backend.id.short)", "replica": "\(replica.address.host):\(replica.address.port)"])
        }
    }

    /// Sends the request again to another replica of the same side, or of stable where the route says so.
    func retry(because reason: RetryReason) -> Bool {
        guard hasReplay, retries < Self.maxRetries, let route, let serving, let failed = replica else { return false }
        let cap = max(1, route.route.limits.maxInFlightPerReplica)
        var next = serving.replicas.take(cap: cap, at: lane.now, turn: lane.nextTurn(), not: failed)
        var side = serving
        if next == nil, route.route.retriesOnStable, serving.target.variant != .stable, let stable = route.side(.stable) {
            next = stable.replicas.take(cap: cap, at: lane.now, turn: lane.nextTurn(), not: failed)
            side = stable
        }
        guard let next else { return false }
        let underWay = route.shared.inFlight.load(ordering: .relaxed)
        guard isRetryCounted || route.shared.retries.withLock({ $0.take(inFlight: underWay, at: lane.now) }) else {
            side.backend.free(next, at: lane.now)
            return false
        }
        isRetryCounted = true
        retries += 1
        let series = serving.series
        lane.meter.withLock { $0.retried(series, reason) }
        upstream?.close()
        upstream = nil
        freePlace()
        self.serving = side
        side.backend.lastRequest.store(lane.now, ordering: .relaxed)
        side.backend.inFlight.wrappingAdd(1, ordering: .relaxed)
        route.shared.inFlight.wrappingAdd(1, ordering: .relaxed)
        hasTriedFresh = false
        use(next)
        return true
    }

    /// Gives back what `acquire` took.
    func freePlace() {
        guard let serving, let route else { return }
        serving.backend.inFlight.wrappingSubtract(1, ordering: .relaxed)
        route.shared.inFlight.wrappingSubtract(1, ordering: .relaxed)
        if let replica { serving.backend.free(replica, at: lane.now) }
        replica = nil
    }
}
