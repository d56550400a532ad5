import Logging
import NIOCore

/// What the timer of a connection looks at.
struct Watch {
    var timer: Scheduled<Void>?
    var idleSince = NIODeadline.now()
    var lastPart = NIODeadline.now()
    /// The framework, or a lean read, waits for bytes from the peer.
    var readWanted = false
    /// Body bytes handed to the socket so far, whether taken or not.
    var written: Int64 = 0
    /// `written` less what the socket has not taken, when last seen to move, and when that was.
    var taken: Int64 = 0
    var tookAt = NIODeadline.now()
}

extension Connection {
    func beginWatch(_ context: ChannelHandlerContext) {
        guard watch.timer == nil else { return }
        rules.metrics.connections.add()
        arm(context)
    }

    func endWatch() {
        guard let timer = watch.timer else { return }
        timer.cancel()
        watch.timer = nil
        rules.metrics.connections.add(-1)
    }

    private func arm(_ context: ChannelHandlerContext) {
        // A quarter: nobody overstays by more than that.
        let period = TimeAmount.nanoseconds(max(1_000_000, min(rules.idle.nanoseconds, rules.stall.nanoseconds) / 4))
        watch.timer = context.eventLoop.assumeIsolated().scheduleTask(in: period) {
            self.look(context)
            if self.watch.timer != nil { self.arm(context) }
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        let waiting = Int64((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0)
        let taken = watch.written - waiting
        if waiting == 0 || taken != watch.taken {
            watch.taken = taken
            watch.tookAt = now
        }
        let isStalled: Bool
        if waiting > 0 {
            isStalled = now - watch.tookAt > rules.stall
        } else if exchange == nil {
            isStalled = !closing && now - watch.idleSince > rules.idle
        } else {
            isStalled = requestOpen && watch.readWanted && now - watch.lastPart > rules.stall
        }
        guard isStalled else { return }
        rules.logger.debug("a connection was closed for lack of progress")
        if requestOpen { breakOff(context) }
        closing = true
        raw.close(promise: nil)
    }
}
