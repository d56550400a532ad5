import Core
import NIOCore

/// One request and its answer. There is one for each client connection, used again for each of
/// its requests; the files beside this one are its steps in the order in which they happen.
final class Exchange: Caller, @unchecked Sendable {
    enum Phase {
        /// Between requests, or while a head arrives.
        case idle
        /// Reading the body's first fields to learn where it goes.
        case lookAhead
        /// In the queue of a backend.
        case waiting
        case connecting
        /// Sent, or being sent; no answer yet.
        case sent
        case answering
    }
    /// How the answer's body is passed on.
    enum Passing {
        case asItIs
        /// Chunked, to a client that does not know chunks.
        case withoutChunks
        /// Ended by closing, to a client that shall see whether it is whole.
        case withChunks
    }

    unowned let client: Client
    let lane: Lane
    var phase = Phase.idle

    // The request.
    var reader = HeadReader()
    var fields: [Field] = []
    var head = RequestHead()
    /// A part of a head has come, no more.
    var hasHeadBegun = false
    var headBytes = ByteBuffer()
    var target = Target.unknown
    /// What is sent as path, within `headBytes`.
    var path = Extent.none
    var requestID = RequestID.made(0, 0)
    var bodyLeft = 0
    var bodyChunks = ChunkReader()
    var isBodyDone = true
    /// All of the body that has come so far, unless it grew too large to be sent again.
    var replay = ByteBuffer()
    var hasReplay = true
    var scanner = FieldScanner()
    var scanned = 0
    var scanOutcome = FieldScanner.Outcome.more
    var hasUnflushedBody = false

    // Where it goes.
    var snapshot: Snapshot?
    var route: EndpointRoute?
    var account: TenantAccount?
    var usesTenantKey = false
    var assigned: EndpointRoute.Side?
    var serving: EndpointRoute.Side?
    var source: RequestEnd.Source?
    var keyHash: UInt64 = 0
    var hasKey = false
    var replica: Replica?
    var upstream: Upstream?
    var ticket: UInt64 = 0
    var retries = 0
    var isRetryCounted = false
    var hasTriedFresh = false
    /// The first failure of an attempt: what the assigned variant is charged with.
    var firstFailure: RequestOutcome?
    var shadow: ShadowCall?
    var wantsShadow = false

    // The answer.
    var status = 0
    var passing = Passing.asItIs
    var closesAfter = false
    var isEventStream = false
    /// The answer's head stands in the lane's scratch and has not been written.
    var hasPendingHead = false
    var hasUnflushedAnswer = false
    var usage = UsageScanner()
    var events = EventCounter()
    var framing = Framing.none
    /// What happened to the client's side: it left, or does not read any more.
    var isClientGone = false

    // The clock.
    var startedAt: Nanoseconds = 0
    var waitingSince: Nanoseconds = 0
    var queued: Nanoseconds = 0
    var sentAt: Nanoseconds = 0
    var answeredAt: Nanoseconds = 0
    var firstBodyAt: Nanoseconds = 0
    var lastBodyAt: Nanoseconds = 0
    var longestGap: Nanoseconds = 0
    var lastActivity: Nanoseconds = 0
    var bytesIn = 0
    var bytesOut = 0

    init(_ client: Client, _ lane: Lane) {
        self.client = client
        self.lane = lane
    }

    var isIdle: Bool { phase == .idle }
    var isHeadRequest: Bool { head.verb == .head }
    var wantsPayload: Bool { passing == .withoutChunks }

    /// Whether the client may send more now.
    var wantsRead: Bool {
        switch phase {
        case .idle: return client.isWritable
        case .lookAhead: return true
        case .waiting, .connecting: return isBodyDone ? client.inbound.readableBytes == 0 : replay.readableBytes < 64 << 10
        case .sent, .answering:
            if isBodyDone { return client.inbound.readableBytes == 0 }
            return upstream?.isWritable ?? true
        }
    }

    func withHead<Result>(_ body: (Bytes) -> Result) -> Result { headBytes.withUnsafeReadableBytes(body) }
}
