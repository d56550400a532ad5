import Core
import NIOCore
import Synchronization

/// A connection to a replica. Reads answers as strictly as requests are read; reads nothing while
/// its caller cannot take more. Confined to its loop.
final class Upstream: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Cause {
        /// Closed or reset.
        case closed
        case malformed(HeadFault)
    }
    enum State { case idle, head, body }

    let lane: Lane
    let replica: Replica
    var caller: (any Caller)?
    /// It served a request before: that it breaks before an answer may be its age alone.
    var isUsed = false
    var idleSince: Nanoseconds = 0

    var context: ChannelHandlerContext?
    var state = State.idle
    var reader = HeadReader()
    var fields: [Field] = []
    var headBytes = ByteBuffer()
    var inbound = ByteBuffer()
    var head = ResponseHead()
    var left = 0
    var chunks = ChunkReader()
    /// A byte of the answer came.
    var hasBegun = false
    private(set) var isWritable = true
    private var isPaused = false
    private var isReading = false

    init(lane: Lane, replica: Replica, caller: any Caller) {
        self.lane = lane
        self.replica = replica
        self.caller = caller
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
        if let caller { caller.upstreamReady(self) } else { release() }
    }

    /// A new request is about to be written.
    func begin(_ caller: any Caller) {
        self.caller = caller
        state = .head
        hasBegun = false
        reader.reset()
    }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }
    func writeAndFlush(_ buffer: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
    func flush() { context?.flush() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        lane.tick()
        guard caller != nil, state != .idle else {
            // Nobody asked: an answer without a request could be taken for the next one's.
            return close()
        }
        hasBegun = true
        if inbound.readableBytes == 0 {
            inbound = buffer
        } else {
            inbound.writeImmutableBuffer(buffer)
        }
        read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if inbound.readableBytes == 0, inbound.capacity > 0 { inbound = ByteBuffer() }
        if caller?.handedOver() ?? true { context.read() } else { isPaused = true }
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        context?.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { caller?.upstreamDrained() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What follows is channelInactive; the cause makes no difference to anybody.
        hasFailed = true
        context.close(promise: nil)
    }
    private var hasFailed = false

    func channelInactive(context: ChannelHandlerContext) {
        replica.pools[lane.index].forget(self)
        guard let caller else { return }
        if state == .body, head.framing == .untilClose, !hasFailed {
            state = .idle
            self.caller = nil
            return caller.answerEnded(by: self, isReusable: false)
        }
        broke(.closed)
    }

    func broke(_ cause: Cause) {
        guard let caller else { return close() }
        self.caller = nil
        state = .idle
        caller.upstreamBroke(self, cause)
        close()
    }

    /// Closes at once; the caller hears nothing more.
    func close() {
        caller = nil
        state = .idle
        inbound = ByteBuffer()
        context?.close(promise: nil)
    }

    /// Back into the pool, for the next request.
    func release() {
        caller = nil
        isUsed = true
        idleSince = lane.now
        guard !replica.isRetired.load(ordering: .relaxed), !lane.isStopping, replica.pools[lane.index].keep(self) else { return close() }
        resume()
    }
}
