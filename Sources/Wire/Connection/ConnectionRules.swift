package import Logging
package import NIOCore
package import NIOPosix

/// What every connection of a listener has in common.
package struct ConnectionRules: Sendable {
    /// Asked in order; the first answer counts.
    package var readers: [any LeanReader]
    package var metrics: Metrics
    /// Whom a request counts for, by its target. Called on event loops.
    package var surface: @Sendable (String) -> Metrics.Surface
    /// Waits for the disk in place of event loops.
    package var pool: NIOThreadPool
    package var logger: Logger
    /// The level at which lean answers are written to the access log.
    package var leanAccessLevel: Logger.Level = .debug
    /// How long a connection may be open without a whole request head. Bytes that trickle in do
    /// not extend it.
    package var idle: TimeAmount = .seconds(75)
    /// How long a peer may neither take nor give a byte that we wait for.
    package var stall: TimeAmount = .seconds(60)
    /// The largest head, in bytes, and the largest single field.
    package var headLimit = 64 << 10

    package init(
        readers: [any LeanReader], metrics: Metrics, surface: @escaping @Sendable (String) -> Metrics.Surface, pool: NIOThreadPool,
        logger: Logger
    ) {
        self.readers = readers
        self.metrics = metrics
        self.surface = surface
        self.pool = pool
        self.logger = logger
    }
}

/// Outbound user events that the framework's side of a connection sends to its handler.
enum ConnectionEvent: Sendable {
    /// Somebody is about to read the request body: a client that waits for it gets its
    /// `100 Continue` (RFC 9110, section 10.1.1).
    case bodyWanted
    /// Sends a part of a source as the body of the answer whose head was just written.
    case send(LeanBody)
}

/// The body ended before the request did.
struct BodyTruncated: Error {}
