package import Core

/// How the fleet behaves; the defaults are what a server runs with.
package struct FleetSettings: Sendable {
    /// Folders besides /tmp, /var/tmp, /run and its scratch folder that a model server may write into, such as a
    /// cache of compiled kernels. Never one that holds a protected folder.
    package var writable: [String] = []
    /// From SIGTERM to SIGKILL.
    package var stopGrace: Milliseconds = 10_000
    /// Between two looks at a replica that is not ready yet: what a cold start adds at most.
    package var startInterval: Milliseconds = 20
    /// Between two looks at a ready replica, and how many in a row must fail.
    package var checkInterval: Milliseconds = 2000
    package var missesAllowed = 3
    /// How long one look may take.
    package var checkTimeout: Milliseconds = 2000
    /// How long one warm-up request or check may take.
    package var requestTimeout: Milliseconds = 120_000
    /// A replica that runs but does not answer for so long is ended and started again.
    package var hungAfter: Milliseconds = 30_000
    /// Healthy for so long, and a later crash counts as the first again.
    package var healthyAfter: Milliseconds = 60_000
    /// From saying that replicas take no more requests to believing that none is under way.
    package var settle: Milliseconds = 300
    /// Bytes of a replica's log, give or take what is written within `tick`.
    package var logLimit = 4 << 20
    /// Between two turns of the clock.
    package var tick: Milliseconds = 100
    /// Milliseconds of a steady clock, the same that `lastRequest` speaks of.
    package var steadyNow: @Sendable () -> Milliseconds = SteadyClock.now
    /// The time of day, for labels.
    package var wallNow: @Sendable () -> Instant = SteadyClock.wall

    package init() {}
}
