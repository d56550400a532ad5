import NIOCore

/// Who uses a connection to a replica: a client's exchange, or a shadow.
protocol Caller: AnyObject {
    /// The connection may be written to.
    func upstreamReady(_ upstream: Upstream)
    /// It never came to be.
    func upstreamRefused(_ upstream: Upstream)
    /// An interim answer (1xx) other than 100.
    func interim(_ head: ResponseHead, in upstream: Upstream)
    /// The final head; its bytes and fields are the upstream's `headBytes` and `fields`.
    func answered(_ head: ResponseHead, by upstream: Upstream)
    /// Payload bytes, in order, before the slice that holds them.
    func measure(_ payload: Bytes)
    /// Bytes to pass on as they are: of a chunked body with its frames, unless `wantsPayload`.
    func body(_ slice: ByteBuffer)
    /// The answer is whole.
    func answerEnded(by upstream: Upstream, isReusable: Bool)
    /// What came at once is handed over. False: read no more until `resume`.
    func handedOver() -> Bool
    /// The connection broke, timed out or spoke nonsense before the answer was whole.
    func upstreamBroke(_ upstream: Upstream, _ cause: Upstream.Cause)
    /// It may be written to again.
    func upstreamDrained()
    var wantsPayload: Bool { get }
    var isHeadRequest: Bool { get }
}
