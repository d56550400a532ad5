import Core
import Dispatch
import NIOCore
import Synchronization

/// A copy of one request on its way to the shadowed backend. Its answer is read, compared with
/// the real one and forgotten; nobody waits for it. Confined to its loop.
final class ShadowCall: Caller, @unchecked Sendable {
    private let lane: Lane
    private let route: EndpointRoute
    private let backend: Backend
    private let replica: Replica
    private let request: ByteBuffer
    private var upstream: Upstream?
    private let startedAt: Nanoseconds
    private var status = 0
    private var firstBodyAt: Nanoseconds = 0
    private var lastBodyAt: Nanoseconds = 0
    private var events = EventCounter()
    private var usage = UsageScanner()
    private var isEventStream = false
    private let needsBodies: Bool
    private var primary = Captured()
    private var own = Captured()
    private var isPrimaryOver = false
    private var isOver = false
    private var wasReset = false
    private var hasTriedFresh = false
    private var timedOut = false

    let wantsPayload = true
    let isHeadRequest: Bool

    init(_ lane: Lane, _ route: EndpointRoute, _ backend: Backend, _ replica: Replica, _ request: ByteBuffer, isHead: Bool) {
        self.lane = lane
        self.route = route
        self.backend = backend
        self.replica = replica
        self.request = request
        isHeadRequest = isHead
        startedAt = lane.now
        needsBodies = route.route.objectives.contains { $0.source == .pairedShadow && $0.scorer != nil && $0.scorer != .status }
    }

    func begin() {
        lane.shadows[ObjectIdentifier(self)] = self
        lane.gateway.shadowsUnderWay.wrappingAdd(1, ordering: .relaxed)
        backend.inFlight.wrappingAdd(1, ordering: .relaxed)
        backend.lastRequest.store(lane.now, ordering: .relaxed)
        if let pooled = replica.pools[lane.index].take() {
            upstream = pooled
            upstreamReady(pooled)
        } else {
            upstream = Upstream.connect(replica, on: lane, for: self)
        }
    }

    func upstreamReady(_ upstream: Upstream) {
        upstream.begin(self)
        upstream.writeAndFlush(request)
    }

    func upstreamRefused(_ upstream: Upstream) { fail() }
    func upstreamBroke(_ upstream: Upstream, _ cause: Upstream.Cause) {
        if case .closed = cause, upstream.isUsed, !upstream.hasBegun, !hasTriedFresh {
            // A kept connection that was closed just when it was taken is nobody's failure.
            hasTriedFresh = true
            self.upstream = Upstream.connect(replica, on: lane, for: self)
        } else {
            fail()
        }
    }
    func interim(_ head: ResponseHead, in upstream: Upstream) {}
    func upstreamDrained() {}
    func handedOver() -> Bool { true }
    func body(_ slice: ByteBuffer) {}

    func answered(_ head: ResponseHead, by upstream: Upstream) {
        status = head.status
        upstream.headBytes.withUnsafeReadableBytes { bytes in
            for field in upstream.fields where field.kind == .contentType {
                let type = bytes.at(field.value)
                isEventStream = type.count >= 17 && Bytes(rebasing: type[0..<17]).isText("text/event-stream")
            }
        }
    }

    func measure(_ payload: Bytes) {
        if firstBodyAt == 0 { firstBodyAt = lane.now }
        lastBodyAt = lane.now
        if needsBodies { own.add(payload) }
        if isEventStream { events.scan(payload) }
        if route.route.wire == .openai { usage.scan(payload) }
    }

    func answerEnded(by upstream: Upstream, isReusable: Bool) {
        self.upstream = nil
        if isReusable { upstream.release() } else { upstream.close() }
        own.isWhole = true
        end(.sent)
    }

    func primaryBody(_ payload: Bytes) { if needsBodies { primary.add(payload) } }

    func primaryEnded(status: Int, isWhole: Bool) {
        primary.status = status
        primary.isWhole = isWhole
        isPrimaryOver = true
        report()
    }

    func sweep(at now: Nanoseconds) {
        let limits = route.limits
        guard !isOver, now - startedAt > (status == 0 ? limits.firstByte : limits.stream) else { return }
        timedOut = true
        fail()
    }

    /// Also when the gateway stops.
    func fail() {
        guard !isOver else { return }
        wasReset = !timedOut
        upstream?.close()
        upstream = nil
        end(.failed)
    }

    private func end(_ result: ShadowResult) {
        isOver = true
        lane.tick()
        lane.shadows[ObjectIdentifier(self)] = nil
        lane.gateway.shadowsUnderWay.wrappingSubtract(1, ordering: .relaxed)
        backend.inFlight.wrappingSubtract(1, ordering: .relaxed)
        backend.free(replica, at: lane.now)
        own.status = status
        lane.countShadow(route, result)
        report()
    }

    private func outcome() -> RequestOutcome {
        let tokens = usage.outputTokens ?? events.count
        var tpot: Double?
        if isEventStream, tokens > 1, lastBodyAt > firstBodyAt { tpot = Double(lastBodyAt - firstBodyAt) / 1e6 / Double(tokens - 1) }
        let isFailed = wasReset || timedOut || status >= 500
        return RequestOutcome(
            status: status == 0 ? 502 : status, timedOut: timedOut, wasReset: wasReset,
            ttft: isFailed || firstBodyAt == 0 ? nil : Double(firstBodyAt - startedAt) / 1e6, tpot: isFailed ? nil : tpot,
            duration: Double(lane.now - startedAt) / 1e6)
    }

    /// Both answers are there: they are compared beside the loop, which has other things to do.
    private func report() {
        guard isOver, isPrimaryOver, let release = route.route.release else { return }
        let (known, bad) = Bits.judge(outcome(), route.route.objectives)
        let at = lane.now / 1_000_000
        let shadow = ShadowOutcome(known: known, bad: bad, at: at)
        let (route, primary, own) = (route, primary, own)
        let shard = route.shared.shards[lane.index]
        let limit = max(1, lane.settings.observationLimit / route.shared.shards.count)
        Self.queue.async {
            var pairs: [PairedScore] = []
            for (number, objective) in route.route.objectives.enumerated() where objective.source == .pairedShadow {
                guard let scorer = objective.scorer,
                    let (stable, candidate) = Scoring.score(scorer, stable: primary, candidate: own, wire: route.route.wire)
                else { continue }
                pairs.append(PairedScore(objective: number, stable: stable, candidate: candidate, at: at))
            }
            shard.report.withLock { $0.add(pairs: pairs, shadow: shadow, of: release, limit: limit) }
        }
    }

    private static let queue = DispatchQueue(label: "grayling.gateway.scoring", qos: .utility)
}
