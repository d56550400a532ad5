import Core
import NIOCore
import Synchronization

/// A client's connection: reads one request at a time, in order, and never more than can be
/// passed on. A client that closes its side is gone: what runs for it is stopped at once.
/// Confined to its loop.
final class Client: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let lane: Lane
    /// Where it stands in the lane's list.
    var place = 0
    /// Received and not yet used.
    var inbound = ByteBuffer()
    private(set) var isWritable = true
    private(set) var context: ChannelHandlerContext?
    /// Since when it is between requests, or its head arrives.
    var idleSince: Nanoseconds
    /// Its last answer was sent; only its own closing is awaited, for a while.
    var isLingering = false
    var lingerUntil: Nanoseconds = 0
    private var lingerLeft = 1 << 20
    private var isPaused = false
    private var isProceeding = false
    /// As X-Forwarded-For names it.
    let address: [UInt8]
    private(set) lazy var exchange = Exchange(self, lane)

    init(lane: Lane, address: SocketAddress?) {
        self.lane = lane
        self.address = Array((address?.ipAddress ?? "unknown").utf8)
        idleSince = lane.settings.steadyClock()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        lane.add(self)
        lane.gateway.connections.wrappingAdd(1, ordering: .relaxed)
        if lane.isStopping { return close() }
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        lane.remove(self)
        lane.gateway.connections.wrappingSubtract(1, ordering: .relaxed)
        lane.tick()
        exchange.clientGone()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        lane.tick()
        if isLingering {
            lingerLeft -= buffer.readableBytes
            if lingerLeft < 0 { close() }
            return
        }
        if inbound.readableBytes == 0 { inbound = buffer } else { inbound.writeImmutableBuffer(buffer) }
        proceed()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange.flushBody()
        if inbound.readableBytes == 0, inbound.capacity > 0 { inbound = ByteBuffer() }
        if wantsRead { context.read() } else { isPaused = true }
    }

    private var wantsRead: Bool { isLingering || exchange.wantsRead }

    /// Reads again, if nothing speaks against it any more.
    func resume() {
        guard isPaused, wantsRead else { return }
        isPaused = false
        context?.read()
    }

    /// Uses what was received. A request that ends at once lets the next one begin, in a loop and
    /// not by recursion.
    func proceed() {
        guard !isProceeding else { return }
        isProceeding = true
        var goesOn = true
        while goesOn, !isLingering, context != nil { goesOn = exchange.take() }
        isProceeding = false
        resume()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { exchange.clientDrained() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }
    func writeAndFlush(_ buffer: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
    func flush() { context?.flush() }
    func close() { context?.close(promise: nil) }
}
