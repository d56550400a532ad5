import Core
import NIOCore
import Synchronization

extension Exchange {
    /// The answer cannot be finished. It must not look finished: an event stream gets an error
    /// event where that is possible, and then the connection is cut.
    func breakOff(_ outcome: RequestOutcome, _ upstream: Upstream) {
        if let replica, let serving { chargeFailure(outcome, replica, serving) }
        self.upstream = nil
        flushAnswer()
        guard phase == .answering else { return upstream.close() }
        let isChunked = passing == .withChunks || (passing == .asItIs && framing == .chunked)
        let isBetween = passing == .withChunks || upstream.chunks.isBetweenChunks
        let mayLookWhole = !isChunked && (passing == .withoutChunks || framing == .untilClose)
        upstream.close()
        if isEventStream, isChunked, isBetween, events.isBetweenEvents, client.isWritable {
            let error = "{\"message\":\"The model server broke off.\",\"type\":\"server_error\",\"code\":\"stream-broken\"}"
            let event = "event: error\ndata: {\"error\":\(error)}\n\n"
            client.writeAndFlush(ByteBuffer(string: String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n"))
            guard phase == .answering else { return }
        }
        finish(leavingClient: true)
        client.cut(withReset: mayLookWhole)
    }

    /// The client left: what runs for it stops now.
    func clientGone() {
        guard phase != .idle else { return }
        if phase == .waiting { _ = serving?.backend.cancel(ticket: ticket) }
        upstream?.close()
        upstream = nil
        isClientGone = true
        if phase != .answering { status = 499 }
        finish()
    }

    /// Gives a client up in the middle of an answer.
    func leaveClient() {
        upstream?.close()
        upstream = nil
        isClientGone = true
        finish()
        client.cut(withReset: true)
    }

    /// The one end of every request: counts it, gives back its place, and lets the next begin.
    func finish(leavingClient: Bool = false) {
        record()
        freePlace()
        if isRetryCounted { route?.shared.retries.withLock { $0.finish() } }
        let mustClose = closesAfter || !isBodyDone
        let shadow = self.shadow
        let isWhole = firstFailure == nil && !isClientGone
        let status = self.status
        reset()
        shadow?.primaryEnded(status: status, isWhole: isWhole)
        guard !isClientGone, !leavingClient else { return }
        if mustClose { client.linger() } else { client.proceed() }
    }

    private func reset() {
        phase = .idle
        reader.giveBack(&fields)
        hasHeadBegun = false
        headBytes = ByteBuffer()
        replay = ByteBuffer()
        hasReplay = true
        isBodyDone = true
        hasUnflushedBody = false
        snapshot = nil
        route = nil
        account = nil
        assigned = nil
        serving = nil
        source = nil
        hasKey = false
        ticket = 0
        retries = 0
        isRetryCounted = false
        hasTriedFresh = false
        firstFailure = nil
        shadow = nil
        wantsShadow = false
        status = 0
        target = .unknown
        isEventStream = false
        hasPendingHead = false
        hasUnflushedAnswer = false
        usage.reset()
        events = EventCounter()
        framing = .none
        queued = 0
        sentAt = 0
        answeredAt = 0
        firstBodyAt = 0
        lastBodyAt = 0
        longestGap = 0
        bytesOut = 0
        client.idleSince = lane.now
    }
}
