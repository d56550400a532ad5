import Core
import Glibc
import NIOCore
import NIOPosix

extension Client {
    /// The last answer is sent: no more of ours, and what still comes is read and forgotten for a
    /// while, so that a reset does not overtake the answer.
    func linger() {
        guard !isLingering, let context else { return }
        isLingering = true
        // A slow reader has its time for what is still to be sent.
        lingerUntil = lane.now + 120_000_000_000
        inbound = ByteBuffer()
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.hasSentAll() }
        context.close(mode: .output, promise: sent)
        resume()
    }

    private func hasSentAll() {
        lingerUntil = lane.settings.steadyClock() + 2_000_000_000
    }

    /// Ends the connection so that nobody can take what was sent for a whole answer.
    func cut(withReset: Bool) {
        guard let context else { return }
        if withReset {
            // Without the option it is closed all the same, only politely.
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0))
        }
        context.close(promise: nil)
    }

    func sweep(at now: Nanoseconds) {
        if isLingering {
            if now > lingerUntil { close() }
        } else if exchange.isIdle {
            let limit = (exchange.hasHeadBegun ? lane.settings.headTimeout : lane.settings.keepAliveTimeout) * 1_000_000
            if now - idleSince > limit { close() } else if lane.isStopping, inbound.readableBytes == 0 { close() }
        } else {
            exchange.sweep(at: now)
        }
    }
}
