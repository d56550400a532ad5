import Core
import Logging
import NIOCore
import NIOHTTP1

/// Keeps the order of one HTTP/1 connection, between the codec and the framework.
///
/// - One request is in the house at a time; what a client pipelines behind it waits here, and
///   meanwhile nothing more is read from the socket.
/// - Hot reads are answered on the spot; the framework never hears of them.
/// - A body that breaks off becomes an error in the framework's stream, never an ordinary end.
/// - An asked-for end (shutdown, `Connection: close`) comes after the answer in progress.
/// - Peers that neither send nor take are let go (`Connection+Watch`).
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    let rules: ConnectionRules
    /// Where raw bytes enter the pipeline, past the encoder.
    let raw: ChannelHandlerContext

    /// The request in the house; nil between requests.
    var exchange: Exchange?
    /// Its head has arrived and its end has not.
    var requestOpen = false
    /// What came in behind it.
    var held = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    var heldFailure: (any Error)?
    /// No further request can be read: the peer closed its side, or sent what is not HTTP.
    var inputOver = false
    var peerClosed = false
    /// The pipeline asked for more while it had to wait.
    var readHeld = false
    /// Bytes read of a body that nobody wants.
    var pastBody = 0
    var transfer: Transfer?
    var quiescing = false
    var closing = false
    /// Everything there was to send before closing is out.
    var flushed = false
    /// Parts went to the framework since it last heard that a read is complete.
    var passed = false
    var flushNeeded = false
    var releasing = false
    var watch = Watch()

    init(rules: ConnectionRules, raw: ChannelHandlerContext) {
        self.rules = rules
        self.raw = raw
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { beginWatch(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        beginWatch(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave(context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave(context) }

    private func leave(_ context: ChannelHandlerContext) {
        endWatch()
        closing = true
        held.removeAll()
        if requestOpen {
            requestOpen = false
            if exchange?.lean == nil { context.fireErrorCaught(BodyTruncated()) }
        }
        transfer?.end(.failure(ChannelError.ioOnClosedChannel))
        transfer = nil
        if exchange != nil { account(context) }
    }

    /// The exchange is over, well or not: counts it, writes its line, forgets it.
    func account(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        self.exchange = nil
        watch.idleSince = .now()
        rules.metrics.inFlight.add(-1)
        if exchange.isReceiving { rules.metrics.uploadsInFlight.add(-1) }
        rules.metrics.bytesSent.add(exchange.bytesSent)
        let time = watch.idleSince - exchange.began
        exchange.surface.answered(status: exchange.status == 0 ? 499 : exchange.status, after: time)
        if exchange.lean != nil, rules.logger.logLevel <= rules.leanAccessLevel {
            AccessLine(
                method: exchange.method.rawValue, uri: exchange.uri, status: exchange.status, bytes: exchange.bytesSent, time: time,
                user: exchange.user ?? Principal.anonymous.name, id: "-"
            ).log(to: rules.logger, at: rules.leanAccessLevel)
        }
    }
}

@available(*, unavailable)
extension Connection: Sendable {}
