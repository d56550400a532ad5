import Core

extension Exchange {
    /// Nothing waits for ever.
    func sweep(at now: Nanoseconds) {
        guard let limits = route?.limits else {
            // Its head is known and its body begun, no more.
            if now - lastActivity > lane.settings.headTimeout * 1_000_000 {
                refuse(.requestTimeout, "request-timeout", "The request's body did not come in time.")
            }
            return
        }
        switch phase {
        case .idle, .connecting: break
        case .lookAhead:
            if now - lastActivity > limits.idle { refuse(.requestTimeout, "request-timeout", "The request's body did not come in time.") }
        case .waiting:
            guard now - waitingSince > limits.queue, let backend = serving?.backend, backend.cancel(ticket: ticket) else { return }
            queued = now - waitingSince
            refuse(
                .serviceUnavailable, "queue-timeout", "No replica became free in time; try again later.",
                retryAfter: max(1, Int(limits.queue / 1_000_000_000)))
        case .sent:
            if !isBodyDone {
                if now - lastActivity > limits.idle {
                    if upstream?.isWritable == true {
                        refuse(.requestTimeout, "request-timeout", "The request's body did not come in time.")
                    } else {
                        expire()
                    }
                }
            } else if now - sentAt > limits.firstByte || now - startedAt > limits.stream {
                expire()
            }
        case .answering:
            let isStalled = now - lastActivity > limits.idle
            guard isStalled || now - startedAt > limits.stream else { return }
            if isStalled, !client.isWritable {
                // The client does not read: its own doing, and no fault of the version.
                leaveClient()
            } else if let upstream {
                breakOff(RequestOutcome(status: status, timedOut: true), upstream)
            }
        }
    }

    private func expire() {
        guard let replica, let serving else { return }
        chargeFailure(RequestOutcome(status: 504, timedOut: true), replica, serving)
        refuse(.gatewayTimeout, "replica-timeout", "The model server did not answer in time.")
    }
}
